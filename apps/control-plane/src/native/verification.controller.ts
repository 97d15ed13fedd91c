import { Controller, Get, HttpException, Inject, Param, Req } from '@nestjs/common';
import { BusError } from '#libs/bus';
import { parseHostId } from '#libs/domain';
import { Directory } from '#libs/projections';
import { AccessKeys } from '../accounts/access-keys.js';
import { authenticate } from '../accounts/authentication.js';
import { signableFrom, type HttpRequest } from '../accounts/signed-request.js';
import { Verifier, type Verification } from '../verification/verifier.js';

/** Whether a host's kernel holds what the log says. Costs a reading of the whole log. */
@Controller('v1/hosts/:hostId/verification')
export class VerificationController {
  readonly #directory: Directory;
  readonly #verifier: Verifier;
  readonly #keys: AccessKeys;

  constructor(
    @Inject(Directory) directory: Directory,
    @Inject(Verifier) verifier: Verifier,
    @Inject(AccessKeys) keys: AccessKeys,
  ) {
    this.#directory = directory;
    this.#verifier = verifier;
    this.#keys = keys;
  }

  @Get()
  async verify(@Req() request: HttpRequest, @Param('hostId') text: string): Promise<Verification> {
    const who = authenticate(signableFrom(request), this.#keys);
    if (!who.authenticated) throw new HttpException({ code: who.code, message: who.message }, who.status);
    const hostId = parseHostId(text);
    if (!hostId || !this.#directory.host(hostId))
      throw new HttpException({ code: 'HostUnknown', message: `there is no host '${text}'` }, 404);
    try {
      return await this.#verifier.verify(hostId);
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      const message = `the agent of ${hostId} does not answer: ${error.message}`;
      throw new HttpException({ code: 'HostUnavailable', message }, 503);
    }
  }
}

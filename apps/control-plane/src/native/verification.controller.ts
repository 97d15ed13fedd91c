import { Controller, Get, Inject, Param, Req } from '@nestjs/common';
import type { z } from 'zod';
import { BusError } from '#libs/bus';
import { parseHostId } from '#libs/domain';
import { Directory } from '#libs/projections';
import { AccessKeys } from '../accounts/access-keys.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { CommandHandler } from '../commands/command-handler.js';
import { Verifier } from '../verification/verifier.js';
import { operatorOf, Problem } from './problem.js';
import type { verification } from './shapes.js';

/** Whether a host's kernel holds what the log says. Costs a reading of the whole log, so operators only. */
@Controller('v1/hosts/:host/verification')
export class VerificationController {
  readonly #directory: Directory;
  readonly #verifier: Verifier;
  readonly #keys: AccessKeys;
  readonly #commands: CommandHandler;

  constructor(
    @Inject(Directory) directory: Directory,
    @Inject(Verifier) verifier: Verifier,
    @Inject(AccessKeys) keys: AccessKeys,
    @Inject(CommandHandler) commands: CommandHandler,
  ) {
    this.#directory = directory;
    this.#verifier = verifier;
    this.#keys = keys;
    this.#commands = commands;
  }

  @Get()
  async verify(
    @Req() request: HttpRequest,
    @Param('host') text: string,
  ): Promise<z.output<typeof verification>> {
    operatorOf(request, this.#keys);
    await this.#commands.catchUp();
    const hostId = parseHostId(text);
    if (!hostId || !this.#directory.host(hostId))
      throw new Problem(404, 'HostUnknown', `there is no host '${text}'`);
    try {
      return await this.#verifier.verify(hostId);
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      throw new Problem(503, 'HostUnavailable', `the agent of ${hostId} does not answer: ${error.message}`);
    }
  }
}

import { Controller, Get, HttpException, Inject, Req } from '@nestjs/common';
import { Directory } from '#libs/projections';
import { AccessKeys } from '../accounts/access-keys.js';
import { authenticate } from '../accounts/authentication.js';
import { signableFrom, type HttpRequest } from '../accounts/signed-request.js';
import { ReceiptBoard, type HostState } from '../receipts/receipt-board.js';
import { Receipts } from '../receipts/receipts.js';

interface HostAnswer extends HostState {
  readonly hostId: string;
  readonly ranges: readonly string[];
  readonly instances: number;
  readonly enrolledAt: string;
}

/** The hosts of the cell, and how far each has come. Signed as everything else, with the service `rampart`. */
@Controller('v1/hosts')
export class HostsController {
  readonly #directory: Directory;
  readonly #receipts: ReceiptBoard;
  readonly #keys: AccessKeys;

  constructor(
    @Inject(Directory) directory: Directory,
    @Inject(Receipts) receipts: ReceiptBoard,
    @Inject(AccessKeys) keys: AccessKeys,
  ) {
    this.#directory = directory;
    this.#receipts = receipts;
    this.#keys = keys;
  }

  @Get()
  list(@Req() request: HttpRequest): { readonly hosts: readonly HostAnswer[] } {
    const who = authenticate(signableFrom(request), this.#keys);
    if (!who.authenticated) throw new HttpException({ code: who.code, message: who.message }, who.status);
    const hosts = this.#directory.hosts().map(({ host: { hostId, ranges }, instances, enrolledAt }) => ({
      hostId,
      ranges,
      instances,
      enrolledAt,
      ...this.#receipts.stateOf(hostId),
    }));
    return { hosts: [...hosts] };
  }
}

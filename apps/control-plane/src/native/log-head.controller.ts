import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { z } from 'zod';
import { AccessKeys } from '../accounts/access-keys.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { LogHeads } from '../proof/log-heads.js';
import type { signedHead } from './log-head-shapes.js';
import { callerOf, Problem } from './problem.js';

/** Where the log ends, signed: for whoever wants to find out later that it was written anew. */
@Controller('v1/log/head')
export class LogHeadController {
  readonly #heads: LogHeads;
  readonly #keys: AccessKeys;

  constructor(@Inject(LogHeads) heads: LogHeads, @Inject(AccessKeys) keys: AccessKeys) {
    this.#heads = heads;
    this.#keys = keys;
  }

  @Get()
  head(@Req() request: HttpRequest): z.output<typeof signedHead> {
    callerOf(request, this.#keys);
    const head = this.#heads.head();
    if (head) return head;
    throw new Problem(404, 'NoSigningKey', 'this control plane signs no heads: set RAMPART_SIGNING_KEY');
  }
}

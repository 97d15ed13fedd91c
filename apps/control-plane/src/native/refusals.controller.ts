import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import type { z } from 'zod';
import { AccessKeys } from '../accounts/access-keys.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { RefusalLog } from '../refusals/refusal-log.js';
import { askedFor, callerOf } from './problem.js';
import type { refusals } from './refusal-shapes.js';
import { changesQuery } from './shapes.js';

/** Commands that were refused. An account sees those that it is proved to have asked for, an operator all. */
@Controller('v1/refusals')
export class RefusalsController {
  readonly #refusals: RefusalLog;
  readonly #keys: AccessKeys;

  constructor(@Inject(RefusalLog) refused: RefusalLog, @Inject(AccessKeys) keys: AccessKeys) {
    this.#refusals = refused;
    this.#keys = keys;
  }

  @Get()
  list(@Req() request: HttpRequest, @Query() query: unknown): z.output<typeof refusals> {
    const { accountId, operator } = callerOf(request, this.#keys);
    const { limit } = askedFor(changesQuery, query);
    const newest = this.#refusals.recent(
      limit,
      ({ actor }) => operator === true || (actor?.kind === 'account' && actor.accountId === accountId),
    );
    return { refusals: newest };
  }
}

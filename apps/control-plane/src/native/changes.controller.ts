import { Controller, Get, Inject, Param, Query, Req, Sse, type MessageEvent } from '@nestjs/common';
import { Observable } from 'rxjs';
import type { z } from 'zod';
import { AccessKeys, type AccountKey } from '../accounts/access-keys.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import type { Change } from '../receipts/receipt.js';
import { Receipts } from '../receipts/receipts.js';
import { askedFor, callerOf, Problem } from './problem.js';
import {
  changePath,
  changesQuery,
  waitQuery,
  type change,
  type changeByHost,
  type changes,
} from './shapes.js';

/** What became of each change, host by host. An account sees its own, an operator all. */
@Controller('v1/changes')
export class ChangesController {
  readonly #receipts: Receipts;
  readonly #keys: AccessKeys;

  constructor(@Inject(Receipts) receipts: Receipts, @Inject(AccessKeys) keys: AccessKeys) {
    this.#receipts = receipts;
    this.#keys = keys;
  }

  /** The newest first. */
  @Get()
  list(@Req() request: HttpRequest, @Query() query: unknown): z.output<typeof changes> {
    const caller = callerOf(request, this.#keys);
    const { limit } = askedFor(changesQuery, query);
    return { changes: this.#receipts.recent(limit, (one) => maySee(caller, one)) };
  }

  /**
   * Server-sent events: each change that concerns hosts when it is made (`opened`), and each when no host is left to
   * wait for (`settled`).
   */
  @Sse('stream')
  stream(@Req() request: HttpRequest): Observable<MessageEvent> {
    const caller = callerOf(request, this.#keys);
    return new Observable((reader) =>
      this.#receipts.follow((one, isSettled) => {
        if (maySee(caller, one)) reader.next(messageOf(one, isSettled));
      }),
    );
  }

  /** By the position of any of its events. */
  @Get(':position')
  async find(
    @Req() request: HttpRequest,
    @Param() path: unknown,
    @Query() query: unknown,
  ): Promise<z.output<typeof changeByHost>> {
    const caller = callerOf(request, this.#keys);
    const { position } = askedFor(changePath, path);
    const { wait } = askedFor(waitQuery, query);
    const visible = (): z.output<typeof changeByHost> => {
      const found = this.#receipts.find(position);
      if (found && maySee(caller, found)) return found;
      throw new Problem(404, 'ChangeUnknown', `change ${position} is not, or no longer, known`);
    };
    visible(); // waits for nothing that the caller may not see
    await this.#receipts.wait(position, wait * 1000);
    return visible();
  }
}

const messageOf = (one: z.output<typeof change>, isSettled: boolean): MessageEvent => ({
  id: String(one.position),
  type: isSettled ? 'settled' : 'opened',
  data: one,
});

const maySee = ({ accountId, operator }: AccountKey, one: Change): boolean =>
  operator === true || one.accountId === accountId;

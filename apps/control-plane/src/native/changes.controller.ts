import { Controller, Get, Inject, Param, Query, Req, Sse, type MessageEvent } from '@nestjs/common';
import { Observable } from 'rxjs';
import { AccessKeys, type AccountKey } from '../accounts/access-keys.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import type { Change } from '../receipts/receipt.js';
import { Receipts, type ReceiptSummary, type ReceiptView } from '../receipts/receipts.js';
import { callerOf, Problem } from './problem.js';

const LONGEST_WAIT_SECONDS = 60;
const MOST_CHANGES = 1000;
const DEFAULT_CHANGES = '20';

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
  list(
    @Req() request: HttpRequest,
    @Query('limit') limit = DEFAULT_CHANGES,
  ): { readonly changes: readonly ReceiptSummary[] } {
    const caller = callerOf(request, this.#keys);
    const count = numberFrom(limit, 'limit', MOST_CHANGES);
    return { changes: this.#receipts.recent(count, (change) => maySee(caller, change)) };
  }

  /**
   * Server-sent events: each change that concerns hosts when it is made (`opened`), and each when no host is left to
   * wait for (`settled`).
   */
  @Sse('stream')
  stream(@Req() request: HttpRequest): Observable<MessageEvent> {
    const caller = callerOf(request, this.#keys);
    return new Observable((reader) =>
      this.#receipts.follow((change, isSettled) => {
        if (maySee(caller, change)) reader.next(messageOf(change, isSettled));
      }),
    );
  }

  /** By the position of any of its events. */
  @Get(':position')
  async find(
    @Req() request: HttpRequest,
    @Param('position') text: string,
    @Query('wait') wait = '0',
  ): Promise<ReceiptView> {
    const caller = callerOf(request, this.#keys);
    const position = numberFrom(text, 'position', Number.MAX_SAFE_INTEGER);
    const seconds = numberFrom(wait, 'wait', LONGEST_WAIT_SECONDS);
    const visible = (): ReceiptView => {
      const found = this.#receipts.find(position);
      if (found && maySee(caller, found)) return found;
      throw new Problem(404, 'ChangeUnknown', `change ${position} is not, or no longer, known`);
    };
    visible(); // waits for nothing that the caller may not see
    await this.#receipts.wait(position, seconds * 1000);
    return visible();
  }
}

const messageOf = (change: ReceiptSummary, isSettled: boolean): MessageEvent => ({
  id: String(change.position),
  type: isSettled ? 'settled' : 'opened',
  data: change,
});

const maySee = ({ accountId, operator }: AccountKey, change: Change): boolean =>
  operator === true || change.accountId === accountId;

function numberFrom(text: string, name: string, most: number): number {
  if (/^[0-9]{1,15}$/.test(text) && Number(text) <= most) return Number(text);
  throw new Problem(400, 'InvalidParameter', `${name} '${text}' is not understood: use 0 to ${most}`);
}

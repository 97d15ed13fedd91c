import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import type { z } from 'zod';
import type { LogPosition, RecordedEvent } from '#libs/domain';
import { Directory } from '#libs/projections';
import { AccessKeys, type AccountKey } from '../accounts/access-keys.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { History } from '../history/history.js';
import { isLater } from '../history/moments.js';
import type { EventQuery } from '../history/search.js';
import { eventText } from '../receipts/event-text.js';
import type { ReceiptSummary } from '../receipts/receipts.js';
import { askedFor, callerOf, Problem } from './problem.js';
import { eventsQuery, type events } from './shapes.js';

type Asked = z.output<typeof eventsQuery>;
type Answer = z.output<typeof events>;

/** The audit log: who did what, when, by which request, and on how many hosts it is enforced. */
@Controller('v1/events')
export class EventsController {
  readonly #history: History;
  readonly #directory: Directory;
  readonly #keys: AccessKeys;

  constructor(
    @Inject(History) history: History,
    @Inject(Directory) directory: Directory,
    @Inject(AccessKeys) keys: AccessKeys,
  ) {
    this.#history = history;
    this.#directory = directory;
    this.#keys = keys;
  }

  @Get()
  async list(@Req() request: HttpRequest, @Query() query: unknown): Promise<Answer> {
    const caller = callerOf(request, this.#keys);
    const asked = askedFor(eventsQuery, query);
    const wanted = await this.#queryOf(asked, caller);
    const found = await this.#find(wanted, performance.now() + asked.wait * 1000);
    const receipts = await this.#history.receiptsOf(found.map(({ position }) => position));
    const last = found.at(-1);
    return {
      events: found.map((recorded, index) => eventFrom(recorded, receipts[index], this.#directory)),
      ...(last && found.length === asked.limit ? { next: last.position } : {}),
    };
  }

  /** Events to come come after the log's end, whatever is asked for. */
  async #find(query: EventQuery, until: number): Promise<readonly RecordedEvent[]> {
    for (let seen = query.after; ;) {
      const end = await this.#history.end();
      const found = await this.#history.events({ ...query, after: seen });
      const left = until - performance.now();
      if (found.length > 0 || left <= 0 || this.#history.isClosing) return found;
      seen = Math.max(seen, end);
      await this.#history.eventsAfter(seen, left);
    }
  }

  async #queryOf(asked: Asked, caller: AccountKey): Promise<EventQuery> {
    const { after = 0, before = Number.MAX_SAFE_INTEGER, order, limit } = asked;
    const account = caller.operator === true ? asked.account : caller.accountId;
    if (asked.account !== undefined && asked.account !== account)
      throw new Problem(403, 'UnauthorizedOperation', `account ${asked.account} is not the key's`);
    const [first, last] = await this.#spanOf(asked);
    return {
      touching: touchingOf({ ...asked, account }),
      after: Math.max(after, first),
      before: Math.min(before, last + 1),
      order: order === 'newest' ? 'newest first' : 'oldest first',
      limit,
    };
  }

  /** After the one position, up to the other. */
  async #spanOf({ since, until }: Asked): Promise<readonly [LogPosition, LogPosition]> {
    const begin = since === undefined ? undefined : { field: 'since', text: since };
    const end = until === undefined ? undefined : { field: 'until', text: until };
    const first = begin ? await this.#history.positionAt(begin) : 0;
    const last = end ? await this.#history.positionAt(end) : Number.MAX_SAFE_INTEGER;
    if (first > last || (begin && end && isLater(begin, end, Date.now())))
      throw new Problem(400, 'InvalidParameter', `since '${since}' is after until '${until}'`);
    return [first, last];
  }
}

function touchingOf(asked: Asked): readonly string[] {
  const { group, rule, instance, address, prefixList, account, host, key, action, request } = asked;
  const words = { account, host, key, type: action, request };
  return [
    ...[group, rule, instance, address, prefixList].filter((id) => id !== undefined),
    ...Object.entries(words).flatMap(([word, value]) => (value === undefined ? [] : `${word} ${value}`)),
  ];
}

function eventFrom(
  { position, id, time, actor, requestId, event }: RecordedEvent,
  receipt: ReceiptSummary | undefined,
  directory: Directory,
): Answer['events'][number] {
  const { type: action, ...details } = event;
  const enforced = receipt ? { enforcement: enforcementFrom(receipt) } : {};
  const text = eventText(event, directory);
  return { position, id, time, action, text, actor, requestId, details, ...enforced };
}

const enforcementFrom = ({ concerned, enforced, refused, retired, p50, p99, last }: ReceiptSummary) => ({
  concerned,
  enforced,
  refused,
  retired,
  p50,
  p99,
  last,
});

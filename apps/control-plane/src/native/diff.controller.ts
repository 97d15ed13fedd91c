import { Controller, Get, Inject, Query, Req } from '@nestjs/common';
import type { z } from 'zod';
import {
  parseGroupId,
  type AccountId,
  type GroupId,
  type InstanceId,
  type LogPosition,
  type RecordedEvent,
} from '#libs/domain';
import { Causes, diff, type Change, type Directory } from '#libs/projections';
import { AccessKeys } from '../accounts/access-keys.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { History } from '../history/history.js';
import { isLater } from '../history/moments.js';
import { changeAnswer } from './diff-answer.js';
import { diffQuery, type differences } from './diff-shapes.js';
import { Moments } from './moments.js';
import { askedFor, callerOf, Problem } from './problem.js';
import { eventAnswer, viewerFor } from './rule-answers.js';

const PAGE = 1000;
/** Of an account that changes so much, the older events behind a diff are not looked for. */
const MOST_EVENTS = 100_000;

type Answer = z.output<typeof differences>;

/** What an account has otherwise at one moment than at another, and by which events. */
@Controller('v1/diff')
export class DiffController {
  readonly #moments: Moments;
  readonly #history: History;
  readonly #keys: AccessKeys;

  constructor(
    @Inject(Moments) moments: Moments,
    @Inject(History) history: History,
    @Inject(AccessKeys) keys: AccessKeys,
  ) {
    this.#moments = moments;
    this.#history = history;
    this.#keys = keys;
  }

  @Get()
  async diff(@Req() request: HttpRequest, @Query() query: unknown): Promise<Answer> {
    const caller = callerOf(request, this.#keys);
    const asked = askedFor(diffQuery, query);
    const viewer = viewerFor(caller, asked.account);
    const accountId = viewer === 'everyone' ? caller.accountId : viewer;
    const begin = { field: 'from', text: asked.from };
    const end = asked.to === undefined ? undefined : { field: 'to', text: asked.to };
    const before = await this.#moments.ofAccount(begin, accountId);
    const after = await this.#moments.ofAccount(end, accountId);
    const [from, to] = [before.position, after.position];
    if (from > to || (end && isLater(begin, end, Date.now())))
      throw new Problem(400, 'InvalidParameter', `from '${asked.from}' is after to '${asked.to ?? 'now'}'`);
    const directories = [before.directory, after.directory] as const;
    const only = onlyFrom(asked, directories, accountId);
    const changes = diff(...directories, { accountId, ...(only === undefined ? {} : { only }) });
    const shown = changes.slice(0, asked.limit);
    const answers = shown.map((change) => changeAnswer(change, directories, accountId));
    const causes = await this.#causesOf(shown, accountId, from, to);
    return {
      from: await this.#momentAt(from),
      to: await this.#momentAt(to),
      total: changes.length,
      changes: answers.map((answer, index) => {
        const recorded = causes[index];
        return recorded ? { ...answer, by: eventAnswer(recorded) } : answer;
      }),
    };
  }

  async #momentAt(position: LogPosition): Promise<Answer['from']> {
    return { position, time: (await this.#history.timeOf(position)).toISOString() };
  }

  /** Goes back from the later moment, no further than needed. */
  async #causesOf(
    changes: readonly Change[],
    accountId: AccountId,
    after: LogPosition,
    to: LogPosition,
  ): Promise<readonly (RecordedEvent | undefined)[]> {
    const causes = new Causes(changes);
    const touching = [`account ${accountId}`];
    for (let before = to + 1, read = 0; !causes.isComplete && read < MOST_EVENTS; read += PAGE) {
      const page = await this.#history.events({
        touching,
        after,
        before,
        order: 'newest first',
        limit: PAGE,
      });
      for (const recorded of page) causes.take(recorded);
      const last = page.at(-1);
      if (!last) break;
      before = last.position;
    }
    return changes.map((change) => causes.of(change));
  }
}

/** The one group or instance that was asked about, which must have been there at one of the moments. */
function onlyFrom(
  { group, instance }: z.output<typeof diffQuery>,
  directories: readonly Directory[],
  accountId: AccountId,
): GroupId | InstanceId | undefined {
  if (group !== undefined && instance !== undefined)
    throw new Problem(400, 'InvalidParameter', 'group, instance: name one of them');
  const isOwn = (thing: { readonly accountId: AccountId } | undefined): boolean =>
    thing?.accountId === accountId;
  if (instance !== undefined) {
    if (directories.some(({ instances }) => isOwn(instances.get(instance)))) return instance;
    throw new Problem(404, 'InstanceUnknown', `there was no instance '${instance}' at either moment`);
  }
  if (group === undefined) return undefined;
  const id = parseGroupId(group);
  const found = directories
    .toReversed()
    .map((directory) => (id ? directory.groups.get(id) : directory.groupNamed(accountId, group)))
    .find(isOwn);
  if (found) return found.groupId;
  throw new Problem(404, 'GroupUnknown', `there was no group '${group}' at either moment`);
}

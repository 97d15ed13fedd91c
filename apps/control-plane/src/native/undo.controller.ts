import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { z } from 'zod';
import type { Change, Event, GroupId, LogPosition, RecordedEvent } from '#libs/domain';
import { changesRestoring, changesUndoing, Directory } from '#libs/projections';
import { AccessKeys, type AccountKey } from '../accounts/access-keys.js';
import { actorOf, addressOf } from '../accounts/actor.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { CommandHandler } from '../commands/command-handler.js';
import { newId } from '../commands/new-ids.js';
import { History } from '../history/history.js';
import { eventText } from '../receipts/event-text.js';
import { Receipts } from '../receipts/receipts.js';
import { applied, jsonOf } from './applied.js';
import type { appliedChangeSet } from './change-set-shapes.js';
import { askedFor, callerOf, Problem } from './problem.js';
import { restoration, reversion } from './undo-shapes.js';

type Answer = Promise<z.output<typeof appliedChangeSet>>;

interface Asking {
  readonly actor: ReturnType<typeof actorOf>;
  readonly arrived: number;
}

interface How {
  readonly dryRun: boolean;
  readonly wait: number;
}

const IDS = { rule: () => newId<'RuleId'>('sgr'), group: () => newId<'GroupId'>('sg') };
/** Of one request; a change set has no more changes. */
const MOST_EVENTS = 10_000;

/** The past made present again: by changes of today, all of them or none, refused where the present doesn't allow them. */
@Controller('v1')
export class UndoController {
  readonly #commands: CommandHandler;
  readonly #directory: Directory;
  readonly #history: History;
  readonly #receipts: Receipts;
  readonly #keys: AccessKeys;

  constructor(
    @Inject(CommandHandler) commands: CommandHandler,
    @Inject(Directory) directory: Directory,
    @Inject(History) history: History,
    @Inject(Receipts) receipts: Receipts,
    @Inject(AccessKeys) keys: AccessKeys,
  ) {
    this.#commands = commands;
    this.#directory = directory;
    this.#history = history;
    this.#receipts = receipts;
    this.#keys = keys;
  }

  @Post('reversions')
  @HttpCode(200)
  async revert(@Req() request: HttpRequest): Answer {
    const [arrived, caller] = [performance.now(), callerOf(request, this.#keys)];
    const asked = askedFor(reversion, jsonOf(request, '{"position": 1234}'));
    await this.#commands.catchUp();
    const commit = await this.#commitOf(asked, caller);
    const before = await this.#history.directoryAt((commit[0]?.position ?? 1) - 1, caller.accountId);
    const events = commit.map(({ event }) => event);
    const undoing = changesUndoing(events, before, this.#directory, IDS);
    if (!undoing.possible) throw new Problem(409, 'CannotRevert', undoing.reason);
    return this.#apply(undoing.changes, asked, { actor: actorOf(caller, addressOf(request)), arrived });
  }

  @Post('restorations')
  @HttpCode(200)
  async restore(@Req() request: HttpRequest): Answer {
    const [arrived, caller] = [performance.now(), callerOf(request, this.#keys)];
    const asked = askedFor(restoration, jsonOf(request, '{"group": "web", "at": "1h"}'));
    await this.#commands.catchUp();
    const position = await this.#history.positionAt({ field: 'at', text: asked.at });
    const past = await this.#history.directoryAt(position, caller.accountId);
    const then = past.groups.get(asked.group as GroupId) ?? past.groupNamed(caller.accountId, asked.group);
    if (then?.accountId !== caller.accountId)
      throw new Problem(404, 'GroupUnknown', `there was no group '${asked.group}' at position ${position}`);
    const now = this.#directory.groups.get(then.groupId);
    return this.#apply(changesRestoring(then, now, IDS), asked, {
      actor: actorOf(caller, addressOf(request)),
      arrived,
    });
  }

  /** Guarded by the position that it was made up at: whoever changes one of the groups meanwhile wins. */
  #apply(changes: readonly Change[], { dryRun, wait }: How, asking: Asking): Answer {
    const { accountId } = asking.actor;
    if (changes.length === 0) throw new Problem(409, 'NothingToUndo', 'all of it is as it was already');
    const expected = this.#directory.position;
    const command = { type: 'ApplyChangeSet', accountId, changes, expected } as const;
    const wish = { understood: true, command, isDryRun: dryRun, waitMilliseconds: wait * 1000 } as const;
    return applied(wish, asking, this.#commands, this.#receipts);
  }

  /** All events of the caller's that the request led to; those of a position, of its request. */
  async #commitOf(
    {
      position,
      request,
    }: { readonly position?: LogPosition | undefined; readonly request?: string | undefined },
    caller: AccountKey,
  ): Promise<readonly RecordedEvent[]> {
    const { accountId } = caller;
    const requestId = request ?? (await this.#requestAt(position ?? 0, caller));
    const touching = [`request ${requestId}`, `account ${accountId}`];
    const all = {
      after: 0,
      before: Number.MAX_SAFE_INTEGER,
      order: 'oldest first',
      limit: MOST_EVENTS,
    } as const;
    const found = await this.#history.events({ ...all, touching });
    if (found.length > 0) return found;
    throw new Problem(404, 'ChangeUnknown', `the log has no change of the account by request '${requestId}'`);
  }

  async #requestAt(position: LogPosition, { accountId, operator }: AccountKey): Promise<string> {
    const found = await this.#history.eventAt(position);
    if (found && 'accountId' in found.event && found.event.accountId === accountId) return found.requestId;
    if (found && operator === true)
      throw new Problem(409, 'CannotRevert', whyNotYours(found.event, position, this.#directory));
    throw new Problem(404, 'ChangeUnknown', `the log has no change of the account at position ${position}`);
  }
}

/** For operators, who see all that there is, and undo what is their account's. */
function whyNotYours(event: Event, position: LogPosition, directory: Directory): string {
  const there = `at position ${position} there is ${event.type} (${eventText(event, directory)})`;
  return 'accountId' in event
    ? `${there}, of account ${event.accountId}: only a key of that account undoes it`
    : `${there}, which is no change of an account: it can't be undone`;
}

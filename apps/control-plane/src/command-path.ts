import type { Bus } from '#libs/bus';
import type { AccountId, Limits } from '#libs/domain';
import type { EventStore } from '#libs/event-store';
import type { Directory } from '#libs/projections';
import type { CommandHandler } from './commands/command-handler.js';
import { newId } from './commands/new-ids.js';
import { answerAnnouncements } from './distribution/announcements.js';
import type { Distributor } from './distribution/distributor.js';
import type { Reminders } from './distribution/reminders.js';
import { recordRepairs } from './distribution/repairs.js';
import type { IndexedHistory } from './history/indexed-history.js';
import { CommandLog } from './log/command-log.js';
import type { CommitListener } from './log/commit-listener.js';
import { shareTurns } from './log/share-turns.js';
import type { LogHeads } from './proof/log-heads.js';
import type { ReceiptBoard } from './receipts/receipt-board.js';
import { ReceiptNotices } from './receipts/receipt-notices.js';

/** What a command meets on its way. */
interface Stations {
  readonly store: EventStore;
  readonly bus: Bus;
  readonly history: IndexedHistory;
  readonly directory: Directory;
  readonly distributor: Distributor;
  readonly receipts: ReceiptBoard;
  readonly reminders: Reminders;
  readonly heads: LogHeads;
}

/**
 * Reads the log, from a snapshot on where there is one, and opens the way for commands: from now on each is decided,
 * appended, shown, and told to the hosts, until the signal aborts.
 */
export async function openCommandPath(
  stations: Stations,
  { accounts, limits }: { readonly accounts: Iterable<AccountId>; readonly limits: Limits },
  signal: AbortSignal,
): Promise<CommandHandler> {
  const { store, history, directory, distributor, receipts } = stations;
  const notices = new ReceiptNotices(receipts, directory);
  const from = await history.startingPoint();
  const log = await CommandLog.open(store, listenersOf(stations, notices), {
    limits,
    ...(from ? { from } : {}),
    onStartingPoint: ({ places }) => distributor.restore(places),
  });
  history.follow(() => log.catchUp().then(() => directory.position));
  receipts.follow((receipt, isSettled) => {
    if (isSettled) history.noteReceipt(receipt);
  });
  await openAccounts(log, accounts);
  serve(stations, log, notices);
  void log.follow(signal); // what it throws ends the process: one that hears nothing is worse
  return log;
}

/** In this order: whoever is answered must find what the answer is about. */
const listenersOf = (
  { directory, distributor, history, heads }: Stations,
  notices: ReceiptNotices,
): readonly CommitListener[] => [
  (commit) => commit.forEach((one) => directory.project(one)),
  (commit, arrival) => distributor.project(commit, arrival),
  (commit, { isOwn }) => isOwn && notices.announce(commit),
  () => history.hear(),
  () => heads.noticeChange(),
];

function serve(
  { bus, directory, distributor, heads, reminders }: Stations,
  log: CommandLog,
  notices: ReceiptNotices,
): void {
  distributor.serve(bus, log);
  recordRepairs(bus, log);
  answerAnnouncements(bus, log, (id) => directory.instances.get(id)?.instance);
  notices.publishOn(bus);
  heads.follow(() => log.end, bus);
  reminders.start();
  shareTurns(bus, log);
}

/** Opening an account that is open changes nothing. */
async function openAccounts(commands: CommandHandler, accounts: Iterable<AccountId>): Promise<void> {
  for (const accountId of accounts) {
    const ruleIds = [newId<'RuleId'>('sgr'), newId<'RuleId'>('sgr'), newId<'RuleId'>('sgr')] as const;
    const ids = { vpcId: newId<'VpcId'>('vpc'), defaultGroupId: newId<'GroupId'>('sg'), ruleIds };
    await commands.handle(
      { type: 'OpenAccount', accountId, ...ids },
      { actor: { kind: 'system' }, requestId: 'start' },
    );
  }
}

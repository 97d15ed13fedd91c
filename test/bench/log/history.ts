import { join } from 'node:path';
import { openSqliteEventStore, type EventStore } from '#libs/event-store';
import { Directory } from '#libs/projections';
import { Distributor } from '../../../apps/control-plane/src/distribution/distributor.js';
import { IndexedHistory } from '../../../apps/control-plane/src/history/indexed-history.js';
import { CommandLog } from '../../../apps/control-plane/src/log/command-log.js';
import { ReceiptBoard } from '../../../apps/control-plane/src/receipts/receipt-board.js';
import type { Report } from '../report.js';
import { accountId, groupIdOf, GROUPS, instanceIdOf, writeLongLog } from './long-log.js';

const QUESTIONS = 50;

/** The past of a long log: making its index, starting from a snapshot, and asking. */
export async function history(report: Report, folder: string, events: number): Promise<void> {
  await using store = await openSqliteEventStore(join(folder, 'long.db'));
  await writeLongLog(store, events);
  const file = join(folder, 'long.db.history');
  const began = performance.now();
  await using made = await opened(file, store);
  await made.eventsAfter(events - 1, 600_000); // until it holds them all
  report.add(`history: index of ${events} events, made`, '1/s', [
    (events * 1000) / (performance.now() - began),
  ]);
  await ask(report, made, events);
  await made[Symbol.asyncDispose]();
  await start(report, file, store, events);
}

async function opened(file: string, store: EventStore): Promise<IndexedHistory> {
  const history = await IndexedHistory.open(file, store, console.warn);
  const end = await store.end();
  history.follow(() => end);
  return history;
}

async function ask(report: Report, past: IndexedHistory, events: number): Promise<void> {
  const time = async (name: string, question: (number: number) => Promise<unknown>): Promise<void> => {
    const taken: number[] = [];
    for (let number = 0; number < QUESTIONS; number++) {
      const began = performance.now();
      await question(number);
      taken.push(performance.now() - began);
    }
    report.add(`history: ${name}, of ${events} events`, 'ms', taken);
  };
  const page = { after: 0, before: events + 1, order: 'newest first', limit: 100 } as const;
  await time('100 events of a group', (number) =>
    past.events({ ...page, touching: [groupIdOf(1 + ((number * 37) % GROUPS))] }),
  );
  await time('100 events of a group and a type, by key', (number) =>
    past.events({
      ...page,
      touching: ['key AKIAIOSFODNN7EXAMPLE', 'type RuleRevoked', groupIdOf(1 + ((number * 37) % GROUPS))],
    }),
  );
  const at = (number: number): number => Math.ceil(((number + 1) * events) / QUESTIONS);
  await time('what a packet is judged by, at any position', (number) =>
    past.sliceAt(at(number), [instanceIdOf(number), instanceIdOf(number * 7)]),
  );
  await time('position of a time', (number) =>
    past.positionAt({ field: 'at', text: new Date(Date.now() - number * 1e7).toISOString() }),
  );
  const began = performance.now();
  await past.directoryAt(Math.floor(events / 2), accountId);
  report.add(`history: an account at the middle of ${events} events`, 'ms', [performance.now() - began]);
}

/** Until commands are taken. */
async function start(report: Report, file: string, store: EventStore, events: number): Promise<void> {
  const taken: number[] = [];
  for (let round = 0; round < 5; round++) {
    const [directory, distributor] = [new Directory(), new Distributor(new ReceiptBoard())];
    const began = performance.now();
    await using past = await IndexedHistory.open(file, store, console.warn);
    const from = await past.startingPoint();
    if (!from) throw new Error('there is no snapshot');
    await CommandLog.open(
      store,
      [
        (commit) => commit.forEach((one) => directory.project(one)),
        (commit, arrived) => distributor.project(commit, arrived),
      ],
      { from, onStartingPoint: ({ places }) => distributor.restore(places) },
    );
    taken.push(performance.now() - began);
  }
  report.add(`history: ready from a snapshot with ${events} events behind it`, 'ms', taken);
}

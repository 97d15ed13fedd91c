import { existsSync, rmSync } from 'node:fs';
import { openEventStore, sqliteFileIn, type EventStore } from '#libs/event-store';
import { ChainWalk, hashOfStored } from '#libs/protocol';
import type { ExitStatus, Terminal } from '../../terminal.js';
import { UsageError } from '../../usage-error.js';
import { linesOf } from './lines.js';
import type { LogCommand } from './log-command.js';
import { progressOf } from './progress.js';
import { logIn } from './where.js';

/** Written at a time: large enough to be quick, small enough that little is done again after a break. */
const BATCH = 5000;

/** Positions, hashes and order stay as they were. Events that the log has already are passed over, after a look. */
export const importLog: LogCommand = {
  summary: 'Reads a log from JSON Lines into a store, checking its chain. Goes on where it left off.',
  operands: '<file>',
  completes: 'file',
  flags: [],
  examples: [['events.jsonl --log sqlite:/var/lib/rampart/new.db', 'moves a log to another store']],
  run: async (given, terminal) => {
    const address = logIn(given, terminal);
    const [file = ''] = given.operands;
    const lines = linesOf(file);
    const first = await lines.next(); // before a store is made for what is not there
    const made = newFileAt(address);
    try {
      return await importInto(address, { file, first, lines }, terminal);
    } catch (error) {
      if (made !== undefined) await removeUnlessFilled(made);
      throw error;
    } finally {
      await lines.return(undefined);
    }
  },
};

interface Source {
  readonly file: string;
  readonly first: IteratorResult<string>;
  readonly lines: AsyncGenerator<string>;
}

async function importInto(
  address: string,
  { file, first, lines }: Source,
  terminal: Terminal,
): Promise<ExitStatus> {
  await using store = await openEventStore(address);
  const end = await store.end();
  const walk = new ChainWalk();
  const progress = progressOf(terminal, 'imported up to event');
  const held = hashesOf(store);
  const most = store.maxAppendBytes ?? Infinity;
  let [batch, bytes, written] = [new Array<string>(), 0, end];
  const write = async (): Promise<void> => {
    if (batch.length === 0) return;
    const { appended } = await store.append(written, batch);
    if (!appended)
      throw new UsageError(`somebody else writes to ${store.name}: stop the control plane first`);
    written += batch.length;
    [batch, bytes] = [[], 0];
    progress(written);
  };
  for (let next = first; !next.done; next = await lines.next()) {
    const text = next.value;
    const broken = walk.follow(text);
    if (broken)
      throw new UsageError(
        `${file}, event ${broken.position}: ${broken.problem}; nothing after ${written} is imported: export the log again`,
      );
    if (walk.end.position <= end) {
      const there = await held.next();
      if (there.done || there.value !== walk.end.hash)
        throw new UsageError(
          `${store.name} has another event ${walk.end.position} than ${file}: it is another log`,
        );
      continue;
    }
    const size = Buffer.byteLength(text) + 1;
    if (batch.length === BATCH || bytes + size > most) await write();
    batch.push(text);
    bytes += size;
  }
  await write();
  terminal.out(`IMPORTED\t${Math.max(0, walk.end.position - end)}\t${walk.end.position}\n`);
  return 0;
}

/** The file that opening the store will make, if it will. */
function newFileAt(address: string): string | undefined {
  const file = sqliteFileIn(address);
  return file !== undefined && existsSync(file) ? undefined : file;
}

/** What was refused leaves no empty store behind. One that holds a beginning is gone on with the next time. */
async function removeUnlessFilled(file: string): Promise<void> {
  if (!existsSync(file)) return;
  const end = await endOf(file);
  if (end > 0) return;
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
}

async function endOf(file: string): Promise<number> {
  await using store = await openEventStore(`sqlite:${file}`);
  return await store.end();
}

async function* hashesOf(store: EventStore): AsyncGenerator<string> {
  for await (const page of store.read(0)) for (const { text } of page) yield hashOfStored(text);
}

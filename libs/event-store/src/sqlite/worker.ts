import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { AppendOutcome } from '../event-store.js';
import type { WorkerAnswer, WorkerRequest, WorkerSettings } from './messages.js';

// A thread of its own, because a sync to disk takes as long as the disk likes and the event loop must not wait for it.
// Imports nothing of ours at run time, so that it also runs from its TypeScript source.

/** "ramp" in ASCII: tells our files from others (`PRAGMA application_id`). */
const APPLICATION_ID = 0x72616d70;
const SCHEMA_VERSION = 1;
/** How long other processes' appends may go unnoticed. A look costs some microseconds, 1-2 % of a core all in all. */
const LOOK_EVERY_MS = 5;

// STRICT and the integer key keep an append at one B-tree insertion; `expected` is what keeps the order.
const SCHEMA = `
  CREATE TABLE events (position INTEGER PRIMARY KEY, record TEXT NOT NULL) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 5000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;');
  const pragma = (name: string): number =>
    Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  database.exec('BEGIN IMMEDIATE');
  const version = pragma('user_version');
  if (version === 0 && pragma('schema_version') === 0) database.exec(SCHEMA);
  database.exec('COMMIT');
  if (pragma('application_id') !== APPLICATION_ID)
    throw new Error('this is a database, but not a log of Rampart');
  if (version > SCHEMA_VERSION)
    throw new Error(`the log has schema version ${version}: use the newer Rampart it was made by`);
  return database;
}

type Value = Extract<WorkerAnswer, { value: unknown }>['value'];

class Log {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #end: StatementSync;
  readonly #page: StatementSync;
  readonly #version: StatementSync;
  #seenVersion = 0;

  constructor(file: string) {
    this.#database = openDatabase(file);
    this.#insert = this.#database.prepare('INSERT INTO events (position, record) VALUES (?, ?)');
    this.#end = this.#database.prepare('SELECT coalesce(max(position), 0) AS "end" FROM events');
    this.#page = this.#database.prepare(
      'SELECT record FROM events WHERE position > ? AND position <= ? ORDER BY position LIMIT ?',
    );
    this.#version = this.#database.prepare('PRAGMA data_version');
  }

  page(after: number, upTo: number, limit: number): readonly string[] {
    return this.#page.all(after, upTo, limit).map(({ record }) => String(record));
  }

  append(expected: number, records: readonly string[]): AppendOutcome {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const end = this.readEnd();
      if (end === expected)
        for (const [index, record] of records.entries()) this.#insert.run(end + index + 1, record);
      this.#database.exec('COMMIT');
      return end === expected ? { appended: true, end: end + records.length } : { appended: false, end };
    } catch (error) {
      // SQLite may have rolled back by itself (disk full); whatever is still open must not reach the log.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  readEnd(): number {
    return Number(this.#end.get()?.['end']);
  }

  close(): void {
    this.#database.close();
  }

  /** Whether another connection has written since this was last asked. */
  hasChanged(): boolean {
    const version = Number(this.#version.get()?.['data_version']);
    if (version === this.#seenVersion) return false;
    this.#seenVersion = version;
    return true;
  }
}

/** Those who wait for others to append. The file is looked at only while there are any. */
class Watches {
  readonly #log: Log;
  readonly #waiting = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  add(id: number, after: number): void {
    this.#waiting.set(id, after);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.tell();
  }

  tell(): void {
    if (this.#waiting.size === 0) return;
    const end = this.#log.readEnd();
    for (const [id, after] of this.#waiting) if (after < end) this.#answer(id, end);
  }

  /** Who waits at the one position waits at the other: what is between them is no other's. */
  move(from: number, to: number): void {
    for (const [id, after] of this.#waiting) if (after === from) this.#waiting.set(id, to);
  }

  /** Answers all, whether the log has grown or not. */
  wake(): void {
    for (const [id, after] of this.#waiting) this.#answer(id, after);
  }

  #look(): void {
    try {
      if (this.#log.hasChanged()) this.tell();
    } catch {
      this.wake(); // they will ask again, and be told what is wrong
    }
  }

  #answer(id: number, value: number): void {
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    port?.postMessage({ id, value } satisfies WorkerAnswer);
  }
}

const port = parentPort;
if (!port) throw new Error('sqlite/worker runs as a worker thread only');
const log = new Log((workerData as WorkerSettings).file);
const watches = new Watches(log);
port.on('message', (request: WorkerRequest) => {
  try {
    if (request.ask === 'watch') watches.add(request.id, request.after);
    else port.postMessage({ id: request.id, value: answer(request) } satisfies WorkerAnswer);
  } catch (error) {
    port.postMessage({ id: request.id, error: String(error) } satisfies WorkerAnswer);
  }
  if (request.ask === 'close') port.close();
});
port.postMessage({ id: 0, value: 0 } satisfies WorkerAnswer);

function answer(request: Exclude<WorkerRequest, { ask: 'watch' }>): Value {
  switch (request.ask) {
    case 'append': {
      const outcome = log.append(request.expected, request.records);
      if (outcome.appended) watches.move(request.expected, outcome.end);
      return outcome;
    }
    case 'page':
      return log.page(request.after, request.upTo, request.limit);
    case 'wake':
      watches.wake();
      return 0;
    case 'close':
      watches.wake();
      log.close();
      return 0;
  }
}

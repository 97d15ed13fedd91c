import { closeSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** "rmph" in ASCII (`PRAGMA application_id`). */
const APPLICATION_ID = 0x726d7068;
/** Raised with every change of what is kept and of how it is folded: an older index is made anew. */
const SCHEMA_VERSION = 1;

/** The `until` of events that still matter: later than any position. */
export const STILL = Number.MAX_SAFE_INTEGER;

// `until` is the position from which an event no longer matters. `moment` is its time, or that of an earlier event if a
// clock had gone back: it never falls, so that a time is found by halving. `thing` is a text's number (see touches.ts).
// What is lost in a power cut is read from the log again; what is there is never half there. Control planes that share
// a log must not share this.
const SETTINGS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA cache_size = -65536;
`;

const SCHEMA = `
  CREATE TABLE event (position INTEGER PRIMARY KEY, moment INTEGER NOT NULL, until INTEGER NOT NULL,
                      account INTEGER NOT NULL, record TEXT NOT NULL) STRICT;
  CREATE INDEX event_until ON event (until, account);
  CREATE TABLE touch (thing INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (thing, position)) STRICT, WITHOUT ROWID;
  CREATE TABLE snapshot (position INTEGER PRIMARY KEY, events INTEGER NOT NULL, digest TEXT NOT NULL, marks TEXT NOT NULL) STRICT;
  CREATE TABLE receipt (position INTEGER PRIMARY KEY, summary TEXT NOT NULL) STRICT;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Opens the index, empty when there was none or one of another version. Throws on a file that is something else. */
export function openHistoryDatabase(file: string): DatabaseSync {
  keepPrivate(file);
  const database = new DatabaseSync(file);
  try {
    database.exec(SETTINGS);
  } catch (error) {
    if (!isLocked(error)) throw error;
    throw new Error(`${file} is another control plane's: give each of them a RAMPART_HISTORY of its own`, {
      cause: error,
    });
  }
  const pragma = (name: string): number =>
    Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  if (pragma('schema_version') !== 0 && pragma('application_id') !== APPLICATION_ID)
    throw new Error(`${file} is no index of Rampart's history: name another file, or remove it`);
  if (pragma('user_version') === SCHEMA_VERSION) return database;
  database.close();
  removeHistory(file);
  keepPrivate(file);
  const made = new DatabaseSync(file);
  made.exec(SETTINGS + SCHEMA);
  return made;
}

/** A new file is its owner's only, as the log is, from its first moment; so is what SQLite puts beside it. */
function keepPrivate(file: string): void {
  if (file !== ':memory:' && file !== '' && !existsSync(file)) closeSync(openSync(file, 'a', 0o600));
}

/** The index is made from the log again. */
export function removeHistory(file: string): void {
  for (const end of ENDS) rmSync(file + end, { force: true });
}

const ENDS = ['', '-wal', '-shm'];

/** SQLITE_BUSY. */
const isLocked = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === 5;

/** SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html). */
const DAMAGED: readonly unknown[] = [11, 26];

/** Whether the file itself is to blame, and not for example its disk. */
export const isDamage = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && DAMAGED.includes(Number(error.errcode) & 0xff);

/** What is no database may be somebody's: it is put out of the way, and not removed. */
export function setAside(file: string): void {
  for (const end of ENDS) if (existsSync(file + end)) renameSync(file + end, `${file}.damaged${end}`);
}

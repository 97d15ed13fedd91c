import { DatabaseSync } from 'node:sqlite';

/** "rmph" in ASCII (`PRAGMA application_id`). */
const APPLICATION_ID = 0x726d7068;
/** Raised with every change of what is kept and of how it is folded: an older index is made anew. */
const SCHEMA_VERSION = 1;

/** The `until` of events that still matter: later than any position. */
export const STILL = Number.MAX_SAFE_INTEGER;

// `until` is the position from which an event no longer matters. `moment` is its time, or that of an earlier event if a
// clock had gone back: it never falls, so that a time is found by halving. `thing` is a text's number (see touches.ts).
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
  const database = new DatabaseSync(file);
  // What is lost in a power cut is read from the log again; what is there is never half there.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -131072;');
  const pragma = (name: string): number =>
    Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
  if (pragma('schema_version') !== 0 && pragma('application_id') !== APPLICATION_ID)
    throw new Error(`${file} is no index of Rampart's history: name another file, or remove it`);
  if (pragma('user_version') !== SCHEMA_VERSION) emptyHistory(database);
  return database;
}

/** Forgets all: the index is made from the log again. */
export function emptyHistory(database: DatabaseSync): void {
  for (const table of ['event', 'touch', 'snapshot', 'receipt'])
    database.exec(`DROP TABLE IF EXISTS ${table}`);
  database.exec(SCHEMA);
}

import { EventStoreError, type EventStore } from './event-store.js';
import { openMemoryEventStore } from './memory/memory-event-store.js';
import { openSqliteEventStore } from './sqlite/sqlite-event-store.js';

const KURRENTDB = /^(?:kurrentdb|esdb)(?:\+discover)?:\/\/.+$/;

/** What a store's address looks like: `memory`, `sqlite:` and a file, or `kurrentdb://` and hosts. */
export const STORE_ADDRESS = new RegExp(`^(?:memory|sqlite:.+)$|${KURRENTDB.source}`);

/** Opens the store at an address. Throws an EventStoreError for one of no known kind. */
export async function openEventStore(address: string): Promise<EventStore> {
  if (address === 'memory') return openMemoryEventStore();
  if (KURRENTDB.test(address)) {
    // Loaded only here: its client takes a tenth of a second, and native code.
    const { openKurrentDbEventStore } = await import('./kurrentdb/kurrentdb-event-store.js');
    return openKurrentDbEventStore(address);
  }
  const file = sqliteFileIn(address);
  if (file === undefined)
    throw new EventStoreError(`'${address}' is no address of a log: use 'memory', or 'sqlite:' and a file`);
  return openSqliteEventStore(file);
}

export const sqliteFileIn = (address: string): string | undefined => /^sqlite:(.+)$/.exec(address)?.[1];

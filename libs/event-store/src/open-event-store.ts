import { EventStoreError, type EventStore } from './event-store.js';
import { openMemoryEventStore } from './memory/memory-event-store.js';
import { openSqliteEventStore } from './sqlite/sqlite-event-store.js';

/** What a store's address looks like: `memory`, or `sqlite:` and a file. */
export const STORE_ADDRESS = /^(?:memory|sqlite:.+)$/;

/** Opens the store at an address. Throws an EventStoreError for one of no known kind. */
export async function openEventStore(address: string): Promise<EventStore> {
  if (address === 'memory') return openMemoryEventStore();
  const file = sqliteFileIn(address);
  if (file === undefined)
    throw new EventStoreError(`'${address}' is no address of a log: use 'memory', or 'sqlite:' and a file`);
  return openSqliteEventStore(file);
}

export const sqliteFileIn = (address: string): string | undefined => /^sqlite:(.+)$/.exec(address)?.[1];

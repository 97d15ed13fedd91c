import { EventStoreError, type EventStore } from './event-store.js';
import { JETSTREAM_EXAMPLE } from './jetstream/address.js';
import { openJetStreamEventStore } from './jetstream/jetstream-event-store.js';
import { KURRENTDB_EXAMPLE } from './kurrentdb/address.js';
import { openMemoryEventStore } from './memory/memory-event-store.js';
import { openSqliteEventStore } from './sqlite/sqlite-event-store.js';
import { withoutPassword } from './without-password.js';

/** How a store's address begins, and that something follows; the store itself looks at the rest. */
export const STORE_ADDRESS = /^(?:memory|sqlite:.+|jetstream:.+|(?:kurrentdb|esdb)(?:\+discover)?:\/\/.+)$/;

/** Opens the store at an address. Throws an EventStoreError for one of no known kind. */
export async function openEventStore(address: string): Promise<EventStore> {
  if (address === 'memory') return openMemoryEventStore();
  if (address.startsWith('jetstream:')) return openJetStreamEventStore(address);
  if (/^(?:kurrentdb|esdb)/.test(address)) {
    // Loaded only when it is used: its client is native code, and takes a tenth of a second.
    const { openKurrentDbEventStore } = await import('./kurrentdb/kurrentdb-event-store.js');
    return openKurrentDbEventStore(address);
  }
  const file = sqliteFileIn(address);
  if (file !== undefined) return openSqliteEventStore(file);
  throw new EventStoreError(
    `'${withoutPassword(address)}' is no address of a log: use 'memory', 'sqlite:' and a file, ${JETSTREAM_EXAMPLE}, or ${KURRENTDB_EXAMPLE}`,
  );
}

export const sqliteFileIn = (address: string): string | undefined => /^sqlite:(.+)$/.exec(address)?.[1];

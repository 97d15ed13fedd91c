import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMemoryEventStore, openSqliteEventStore } from '#libs/event-store';
import { eventStoreContract } from '../../libs/event-store/src/contract/event-store-contract.js';

eventStoreContract('memory', async () => openMemoryEventStore());
eventStoreContract('sqlite', async () =>
  openSqliteEventStore(join(await mkdtemp(join(tmpdir(), 'rampart-store-')), 'log.db')),
);

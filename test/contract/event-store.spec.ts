import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryLog, openMemoryEventStore, openSqliteEventStore } from '#libs/event-store';
import { eventStoreContract } from '../../libs/event-store/src/contract/event-store-contract.js';

eventStoreContract('memory', async () => {
  const log = new MemoryLog();
  return async () => openMemoryEventStore(log);
});
eventStoreContract('sqlite', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'rampart-store-')), 'log.db');
  return () => openSqliteEventStore(file);
});

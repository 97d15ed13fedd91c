import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { MemoryLog, openEventStore, openMemoryEventStore, openSqliteEventStore } from '#libs/event-store';
import { eventStoreContract } from '../../libs/event-store/src/contract/event-store-contract.js';
import { KurrentDbDouble } from '../support/kurrentdb/kurrentdb-double.js';

eventStoreContract('memory', async () => {
  const log = new MemoryLog();
  return async () => openMemoryEventStore(log);
});
eventStoreContract('sqlite', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'rampart-store-')), 'log.db');
  return () => openSqliteEventStore(file);
});

let double: KurrentDbDouble;
let logs = 0;
beforeAll(async () => {
  double = await KurrentDbDouble.start();
});
afterAll(() => double[Symbol.asyncDispose]());
eventStoreContract('kurrentdb', async () => {
  const address = `kurrentdb://${double.host}?tls=false&stream=log-${++logs}`;
  return () => openEventStore(address);
});

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import {
  MemoryLog,
  openEventStore,
  openJetStreamEventStore,
  openMemoryEventStore,
  openSqliteEventStore,
} from '#libs/event-store';
import { eventStoreContract } from '../../libs/event-store/src/contract/event-store-contract.js';
import { JetStreamServer } from '../support/jetstream.js';
import { KurrentDbDouble } from '../support/kurrentdb/kurrentdb-double.js';

eventStoreContract('memory', async () => {
  const log = new MemoryLog();
  return async () => openMemoryEventStore(log);
});
eventStoreContract('sqlite', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'rampart-store-')), 'log.db');
  return () => openSqliteEventStore(file);
});

const nats = await JetStreamServer.start();
afterAll(() => nats[Symbol.asyncDispose]());
let streams = 0;
eventStoreContract('jetstream', async () => {
  const address = nats.addressOf(`LOG-${++streams}`);
  return () => openJetStreamEventStore(address);
});

const kurrentDb = await KurrentDbDouble.start();
afterAll(() => kurrentDb[Symbol.asyncDispose]());
eventStoreContract('kurrentdb', async () => {
  const address = `kurrentdb://${kurrentDb.host}?tls=false&stream=log-${++streams}`;
  return () => openEventStore(address);
});

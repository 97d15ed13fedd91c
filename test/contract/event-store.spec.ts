import { randomUUID } from 'node:crypto';
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

// The double proves that we speak its language; only a server proves that we understand each other.
const { KURRENTDB_URL } = process.env;
if (KURRENTDB_URL !== undefined)
  eventStoreContract('the server at KURRENTDB_URL', async () => {
    const stream = `stream=rampart-test-${randomUUID()}`;
    const address = `${KURRENTDB_URL}${KURRENTDB_URL.includes('?') ? '&' : '?'}${stream}`;
    return () => openEventStore(address);
  });

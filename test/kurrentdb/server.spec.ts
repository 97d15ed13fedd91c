import { randomUUID } from 'node:crypto';
import { openEventStore } from '#libs/event-store';
import { eventStoreContract } from '../../libs/event-store/src/contract/event-store-contract.js';

// The double proves that we speak its language; only a server proves that we understand each other.
const { KURRENTDB_URL = '' } = process.env;

eventStoreContract('the KurrentDB at KURRENTDB_URL', async () => {
  const stream = `stream=rampart-test-${randomUUID()}`;
  const address = `${KURRENTDB_URL}${KURRENTDB_URL.includes('?') ? '&' : '?'}${stream}`;
  return () => openEventStore(address);
});

import { setTimeout } from 'node:timers/promises';
import { JetStreamApiError } from '@nats-io/jetstream';
import { AuthorizationError, ClosedConnectionError } from '@nats-io/nats-core';
import { EventStoreError } from '../event-store.js';

const PAUSE_MS = 100;
/** JetStream's word, and HTTP's, for "not now": a leader is being elected, or the servers are starting. */
const UNAVAILABLE = 503;

/** Tries again while the servers are away or elect a leader; throws what they last said when patience ends. */
export async function patiently<T>(patienceMs: number, work: () => Promise<T>): Promise<T> {
  for (const began = performance.now(); ;) {
    try {
      return await work();
    } catch (error) {
      if (isRefusal(error) || performance.now() - began > patienceMs) throw error;
      await setTimeout(PAUSE_MS);
    }
  }
}

/** What would be the same however often one tried. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof EventStoreError ||
  error instanceof AuthorizationError ||
  error instanceof ClosedConnectionError ||
  (error instanceof JetStreamApiError && error.status !== UNAVAILABLE);

export const isApiError = (error: unknown, code: number): boolean =>
  error instanceof JetStreamApiError && error.code === code;

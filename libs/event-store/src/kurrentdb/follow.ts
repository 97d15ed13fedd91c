import { setTimeout as pauseFor } from 'node:timers/promises';
import { START, type ResolvedEvent } from '@kurrent/kurrentdb-client';
import type { LogPosition } from '#libs/domain';
import { EventStoreError, type StoredRecord } from '../event-store.js';
import { pauseAfter, type Connection } from './connection.js';
import { recordsAfter } from './records.js';
import { Session } from './session.js';

/** What arrives while a page is being worked on waits here; past this, it waits in the server. */
const AHEAD = 1000;

/** Subscribes anew, in a new session, for as long as it takes. */
export async function* follow(
  connection: Connection,
  after: LogPosition,
  signal: AbortSignal,
): AsyncGenerator<readonly StoredRecord[], undefined> {
  const { address } = connection;
  const ending = AbortSignal.any([signal, connection.closing]);
  for (let [position, failures] = [after, 0]; !signal.aborted; failures++) {
    connection.guard();
    const session = new Session(address);
    try {
      for await (const events of subscription(session, connection, position, ending)) {
        if (signal.aborted) return;
        const records = recordsAfter(position, events, address.name);
        yield records;
        [position, failures] = [position + records.length, -1];
      }
    } catch (error) {
      if (error instanceof EventStoreError) throw error;
    } finally {
      session.end();
    }
    await pauseFor(pauseAfter(failures), undefined, { signal: ending }).catch(() => undefined);
  }
}

/** Everything that has arrived, each time that something has. Throws, or just ends, when the subscription does. */
async function* subscription(
  { client }: Session,
  { address, patience }: Connection,
  after: LogPosition,
  ending: AbortSignal,
): AsyncGenerator<readonly ResolvedEvent[], undefined> {
  const fromRevision = after === 0 ? START : BigInt(after - 1);
  const events = client.subscribeToStream(address.stream, { fromRevision }, { highWaterMark: AHEAD });
  const stop = (): void => void events.destroy();
  events.on('error', () => undefined); // those that come when nobody iterates any more
  ending.addEventListener('abort', stop, { once: true });
  const quiet = setTimeout(stop, patience.silence);
  try {
    for await (const first of events as AsyncIterable<ResolvedEvent>) {
      quiet.refresh();
      const arrived = [first];
      for (let next = nextOf(events); next; next = nextOf(events)) arrived.push(next);
      yield arrived;
    }
  } finally {
    clearTimeout(quiet);
    ending.removeEventListener('abort', stop);
    events.unsubscribe().catch(() => undefined); // it never came about
  }
}

const nextOf = (events: { read(): unknown }): ResolvedEvent | undefined =>
  (events.read() as ResolvedEvent | null) ?? undefined;

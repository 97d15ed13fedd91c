import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { EventStoreError, type EventStore } from '../event-store.js';
import { parseJetStreamAddress, type JetStreamAddress } from './address.js';
import { Appender, maxAppendBytesOf } from './appender.js';
import { CommitLookup, type Mark } from './commit-lookup.js';
import { CommitReader } from './commit-reader.js';
import { durabilityAt, openLogStream } from './log-stream.js';
import { patiently } from './patience.js';

/** As long as a cluster mostly takes to notice that it needs a leader and to elect one. */
const PATIENCE_MS = 10_000;
const API_TIMEOUT_MS = 2000;
/** A server that is gone without a word is noticed after three of these. */
const PING_MS = 1000;
const RECONNECT_MS = 100;

export interface JetStreamOptions {
  /** How long the servers may be away before an operation fails. */
  readonly patienceMs?: number;
}

/**
 * A log in a JetStream stream of its own, one message for each append, copied by NATS to several servers. The stream is
 * made when there is none. Throws an EventStoreError when it can't be had, or would keep less than the address asks for.
 */
export async function openJetStreamEventStore(
  address: string,
  { patienceMs = PATIENCE_MS }: JetStreamOptions = {},
): Promise<EventStore> {
  const parsed = parseJetStreamAddress(address);
  const connection = await patiently(patienceMs, () => connectTo(parsed)).catch(failedAt(parsed.name));
  try {
    return await openOn(connection, parsed, patienceMs);
  } catch (error) {
    await connection.close();
    return failedAt(parsed.name)(error);
  }
}

/** Once connected it stays so for ever, at whichever server can be reached. */
const connectTo = ({ servers, user, pass, name }: JetStreamAddress): Promise<NatsConnection> =>
  connect({
    servers: [...servers],
    ...(user === undefined ? {} : { user, pass: pass ?? '', inboxPrefix: `_INBOX_${user}` }),
    name: `rampart log ${name}`,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_MS,
    pingInterval: PING_MS,
    timeout: API_TIMEOUT_MS,
    noAsyncTraces: true,
  });

async function openOn(
  connection: NatsConnection,
  address: JetStreamAddress,
  patienceMs: number,
): Promise<EventStore> {
  const { name, stream } = address;
  const durability = durabilityAt(address, connection);
  const manager = await jetstreamManager(connection, { checkAPI: false, timeout: API_TIMEOUT_MS });
  await patiently(patienceMs, () => openLogStream(manager, address));
  const client = jetstream(connection, { timeout: API_TIMEOUT_MS });
  const lookup = new CommitLookup(manager, stream);
  const appender = new Appender(connection, client, lookup, stream, patienceMs);
  const reader = new CommitReader(connection, manager, client, lookup, stream);
  const failed = failedAt(name);
  const newest = (): Promise<Mark> => patiently(patienceMs, () => lookup.newest()).catch(failed);
  const guard = (): void => {
    if (connection.isClosed()) throw new EventStoreError('the event store is closed');
  };

  return {
    name,
    durability,

    get maxAppendBytes() {
      return maxAppendBytesOf(connection);
    },

    append: async (expected, records) => {
      guard();
      return appender.append(expected, records).catch(failed);
    },

    async *read(after) {
      guard();
      const upTo = await newest();
      yield* naming(name, reader.pages(after, { upTo, patienceMs }));
    },

    async *follow(after, signal) {
      guard();
      yield* naming(name, reader.pages(after, { signal }));
    },

    end: async () => {
      guard();
      return (await newest()).last;
    },

    [Symbol.asyncDispose]: () => connection.close(),
  };
}

async function* naming<T>(name: string, pages: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* pages;
  } catch (error) {
    failedAt(name)(error);
  }
}

/** Rejects with an error that names the log, and says what to look at. */
const failedAt =
  (name: string) =>
  (cause: unknown): never => {
    const isUncertain = cause instanceof EventStoreError && cause.isUncertain;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EventStoreError(
      `the log ${name} failed: ${reason}; see that its nats-servers run and find each other`,
      { cause, isUncertain },
    );
  };

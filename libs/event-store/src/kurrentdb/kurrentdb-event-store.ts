import {
  FORWARDS,
  NO_STREAM,
  WrongExpectedVersionError,
  type AppendStreamState,
} from '@kurrent/kurrentdb-client';
import type { LogPosition } from '#libs/domain';
import { EventStoreError, type AppendOutcome, type EventStore, type StoredRecord } from '../event-store.js';
import { parseKurrentDbAddress, type KurrentDbAddress } from './address.js';
import { Connection, PATIENCE } from './connection.js';
import { eventFrom } from './event.js';
import { follow } from './follow.js';
import { lastRevisionOf } from './last-revision.js';
import { recordsAfter } from './records.js';

/** Small enough for a page of the longest records, large enough that the way there and back hardly counts. */
const PAGE = 1000;
/** A server takes 16 MiB at most, when it is set up as we say, and counts the names of types too. */
const MAX_APPEND_BYTES = 15_000_000;

/**
 * A log in KurrentDB or EventStoreDB, a stream of its own, in which a record's position is its event's revision and 1.
 * Throws an EventStoreError when the address is wrong, or the stream can't be read.
 */
export async function openKurrentDbEventStore(text: string, patience = PATIENCE): Promise<EventStore> {
  const connection = new Connection(parseKurrentDbAddress(text), patience);
  try {
    await endOf(connection);
  } catch (error) {
    connection.close();
    throw error;
  }
  return new KurrentDbEventStore(connection);
}

class KurrentDbEventStore implements EventStore {
  readonly name: string;
  readonly maxAppendBytes = MAX_APPEND_BYTES;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.name = connection.address.name;
    this.#connection = connection;
  }

  /** A retry sends the same events again: KurrentDB knows them by their ids, and says that they are there. */
  async append(expected: LogPosition, records: readonly string[]): Promise<AppendOutcome> {
    if (records.length === 0) {
      const end = await this.end();
      return { appended: end === expected, end };
    }
    const events = records.map((record) => eventFrom(record));
    const streamState: AppendStreamState = expected === 0 ? NO_STREAM : BigInt(expected - 1);
    const outcome = await this.#connection.persist('writing', async (client): Promise<AppendOutcome> => {
      try {
        const options = { streamState };
        const { nextExpectedRevision } = await client.appendToStream(
          this.#connection.address.stream,
          events,
          options,
        );
        return { appended: true, end: positionOf(nextExpectedRevision) };
      } catch (error) {
        if (!(error instanceof WrongExpectedVersionError)) throw error;
        return { appended: false, end: endIn(error.actualState) };
      }
    });
    if (outcome.appended && outcome.end !== expected + records.length)
      throw new EventStoreError(
        `the stream of ${this.name} was deleted once, and goes on at ${outcome.end}: use another stream`,
        { isUncertain: true },
      );
    return outcome;
  }

  async *read(after: LogPosition): AsyncIterable<readonly StoredRecord[]> {
    const upTo = await this.end();
    let next = after < upTo ? this.#page(after, upTo) : undefined;
    for (let position = after; next;) {
      const page = await next;
      position += page.length;
      next = position < upTo ? this.#page(position, upTo) : undefined;
      next?.catch(() => undefined); // told when it is awaited, if it ever is
      yield page;
    }
  }

  follow(after: LogPosition, signal: AbortSignal): AsyncIterable<readonly StoredRecord[]> {
    return follow(this.#connection, after, signal);
  }

  end(): Promise<LogPosition> {
    return endOf(this.#connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close();
  }

  #page(after: LogPosition, upTo: LogPosition): Promise<readonly StoredRecord[]> {
    const { address } = this.#connection;
    return this.#connection.persist('reading', async (client) => {
      const events = client.readStream(address.stream, {
        direction: FORWARDS,
        fromRevision: BigInt(after),
        maxCount: Math.min(PAGE, upTo - after),
        ...readingOf(address),
      });
      const page = recordsAfter(after, await Array.fromAsync(events), this.name);
      if (page.length > 0) return page;
      throw new EventStoreError(`the log ${this.name} has lost its records after ${after}`);
    });
  }
}

const endOf = (connection: Connection): Promise<LogPosition> =>
  connection.persist('reading', async (client) =>
    endIn(await lastRevisionOf(client, connection.address.stream)),
  );

/**
 * From the leader, since another may be behind. With the credentials once more, since the part of the client that reads
 * takes the ones in the connection string literally, percent signs and all.
 */
const readingOf = ({ credentials }: KurrentDbAddress) => ({
  requiresLeader: true,
  ...(credentials && { credentials }),
});

const positionOf = (revision: bigint): LogPosition => Number(revision) + 1;

const endIn = (state: unknown): LogPosition => (typeof state === 'bigint' ? positionOf(state) : 0);

import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { JetStreamApiCodes, type JetStreamClient } from '@nats-io/jetstream';
import { RequestError, type NatsConnection } from '@nats-io/nats-core';
import type { LogPosition } from '#libs/domain';
import { EventStoreError, type AppendOutcome } from '../event-store.js';
import type { CommitLookup, Mark } from './commit-lookup.js';
import { encodeCommit, HEADROOM } from './commit-message.js';
import { subjectOf } from './log-stream.js';
import { isApiError, isRefusal, patiently } from './patience.js';

const ATTEMPT_MS = 2000;
const PAUSE_MS = 50;
/** What nats-server takes when it says nothing else. */
const DEFAULT_PAYLOAD = 1024 * 1024;

/** What fits into one message, as the servers are configured. */
export const maxAppendBytesOf = (connection: NatsConnection): number =>
  (connection.info?.max_payload ?? DEFAULT_PAYLOAD) - HEADROOM;

/**
 * Puts records at the end of the log. Each append claims the sequence after the one it was decided on, which JetStream
 * gives to one message only: so it can be sent again until it is known, and whoever then stands there has won.
 */
export class Appender {
  readonly #connection: NatsConnection;
  readonly #jetstream: JetStreamClient;
  readonly #lookup: CommitLookup;
  readonly #stream: string;
  readonly #patienceMs: number;

  constructor(
    connection: NatsConnection,
    jetstream: JetStreamClient,
    lookup: CommitLookup,
    stream: string,
    patienceMs: number,
  ) {
    this.#connection = connection;
    this.#jetstream = jetstream;
    this.#lookup = lookup;
    this.#stream = stream;
    this.#patienceMs = patienceMs;
  }

  async append(expected: LogPosition, records: readonly string[]): Promise<AppendOutcome> {
    const { known } = this.#lookup;
    const mark = known.last === expected ? known : await this.#newest();
    if (mark.last !== expected) return { appended: false, end: mark.last };
    if (records.length === 0) return { appended: true, end: expected };
    const claimed = { sequence: mark.sequence + 1, last: expected + records.length };
    const isOurs = await this.#claim(claimed.sequence, expected + 1, records);
    if (!isOurs) return { appended: false, end: (await this.#newest()).last };
    this.#lookup.learn(claimed);
    return { appended: true, end: claimed.last };
  }

  #newest(): Promise<Mark> {
    return patiently(this.#patienceMs, () => this.#lookup.newest());
  }

  /** Whether these records, and not others, stand at that sequence; tried until it is known, or patience ends. */
  async #claim(sequence: number, first: LogPosition, records: readonly string[]): Promise<boolean> {
    const message = encodeCommit(first, records);
    this.#checkSize(message.body.length);
    const id = randomUUID();
    const end = performance.now() + this.#patienceMs;
    const options = {
      headers: message.headers,
      msgID: id,
      expect: { streamName: this.#stream, lastSequence: sequence - 1 },
      timeout: ATTEMPT_MS,
    };
    for (let isUncertain = false; ;) {
      try {
        const ack = await this.#publish(message.body, options);
        if (ack === sequence) return true;
        const holder = await this.#lookup.at(sequence);
        if (holder) return holder.id === id;
        throw new Error(`the stream ends before message ${sequence - 1}, which was acknowledged`);
      } catch (cause) {
        isUncertain ||= !wasUnheard(cause);
        if (performance.now() > end || isRefusal(cause))
          throw new EventStoreError((cause as Error).message, { cause, isUncertain });
      }
      await setTimeout(PAUSE_MS);
    }
  }

  #checkSize(bytes: number): void {
    const most = maxAppendBytesOf(this.#connection);
    if (bytes > most)
      throw new EventStoreError(
        `an append of ${bytes} bytes is more than the ${most} that fit into one message: raise max_payload of all servers`,
      );
  }

  /** The sequence at which it was stored; undefined when it was not, or may have been at an earlier attempt. */
  async #publish(
    body: Uint8Array,
    options: NonNullable<Parameters<JetStreamClient['publish']>[2]>,
  ): Promise<number | undefined> {
    try {
      const { seq, duplicate } = await this.#jetstream.publish(subjectOf(this.#stream), body, options);
      return duplicate ? undefined : seq;
    } catch (error) {
      if (isApiError(error, JetStreamApiCodes.StreamWrongLastSequence)) return undefined;
      throw error;
    }
  }
}

/** Nobody was there to take it. */
const wasUnheard = (error: unknown): boolean =>
  error instanceof Error && error.cause instanceof RequestError && error.cause.isNoResponders();

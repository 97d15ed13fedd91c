import { setTimeout } from 'node:timers/promises';
import {
  AckPolicy,
  DeliverPolicy,
  type ConsumerMessages,
  type JetStreamClient,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/nats-core';
import type { LogPosition } from '#libs/domain';
import { EventStoreError, type StoredRecord } from '../event-store.js';
import type { CommitLookup } from './commit-lookup.js';
import { decodeCommit, type Commit } from './commit-message.js';

/** What is asked for at a time; at most as many messages of the largest size are held in memory. */
const MESSAGES = 100;
/** Commits that have arrived meanwhile are handed on together, up to about that many records. */
const PAGE = 1000;
/** A server that serves nothing is left after two of these. */
const HEARTBEAT_MS = 1000;
/** How long a server keeps a consumer that nobody asks any more. */
const FORGOTTEN_AFTER_MS = 30_000;
const PAUSE_MS = 100;

export interface Extent {
  readonly upTo?: LogPosition;
  /** How long nothing may come before it fails; without it, for ever. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Reads commits by short-lived consumers. Whatever happens to one (its server is killed, the connection breaks, a message is
 * lost on the way), the next begins where it ended.
 */
export class CommitReader {
  readonly #connection: NatsConnection;
  readonly #manager: JetStreamManager;
  readonly #jetstream: JetStreamClient;
  readonly #lookup: CommitLookup;
  readonly #stream: string;
  #connected = new AbortController();

  constructor(
    connection: NatsConnection,
    manager: JetStreamManager,
    jetstream: JetStreamClient,
    lookup: CommitLookup,
    stream: string,
  ) {
    this.#connection = connection;
    this.#manager = manager;
    this.#jetstream = jetstream;
    this.#lookup = lookup;
    this.#stream = stream;
    void this.#watchConnection();
  }

  /** Pages of what stands after a position. */
  async *pages(after: LogPosition, extent: Extent): AsyncGenerator<readonly StoredRecord[]> {
    const { upTo = Infinity, patienceMs = Infinity, signal } = extent;
    let heard = performance.now();
    let next: number | undefined;
    for (let position = after; ;) {
      if (position >= upTo || signal?.aborted) return;
      let cause: unknown;
      try {
        next ??= await this.#lookup.sequenceAfter(position);
        for await (const commits of this.#deliver(next, signal)) {
          const page = recordsAfter(position, commits);
          next += commits.length;
          heard = performance.now();
          position = page.at(-1)?.position ?? position;
          if (page.length > 0) yield page;
          if (position >= upTo) return;
        }
      } catch (error) {
        if (error instanceof EventStoreError) throw error;
        cause = error;
      }
      if (this.#connection.isClosed()) throw new EventStoreError('the event store is closed', { cause });
      if (performance.now() - heard > patienceMs)
        throw new EventStoreError('the servers do not deliver it', { cause });
      await setTimeout(PAUSE_MS, undefined, signal ? { signal } : {}).catch(() => undefined);
    }
  }

  /** Commits from a sequence on, without a hole, until something interrupts it. */
  async *#deliver(from: number, signal?: AbortSignal): AsyncGenerator<readonly Commit[]> {
    const interrupted = AbortSignal.any([this.#connected.signal, ...(signal ? [signal] : [])]);
    const consumer = await this.#manager.consumers.add(this.#stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      ack_policy: AckPolicy.None,
      inactive_threshold: nanos(FORGOTTEN_AFTER_MS),
      mem_storage: true,
      num_replicas: 1,
    });
    const messages = await this.#jetstream.consumers
      .getConsumerFromInfo(consumer)
      .consume({ max_messages: MESSAGES, idle_heartbeat: HEARTBEAT_MS });
    const stop = (): void => messages.stop();
    interrupted.addEventListener('abort', stop);
    if (interrupted.aborted) stop();
    void stopWhenUnserved(messages);
    try {
      yield* this.#gather(from, messages);
    } finally {
      interrupted.removeEventListener('abort', stop);
      stop();
      this.#manager.consumers.delete(this.#stream, consumer.name).catch(() => undefined);
    }
  }

  async *#gather(from: number, messages: ConsumerMessages): AsyncGenerator<readonly Commit[]> {
    let [next, records] = [from, 0];
    let commits: Commit[] = [];
    for await (const message of messages) {
      if (message.seq !== next && next === from)
        throw new EventStoreError(`messages ${from} to ${message.seq - 1} of the stream are missing`);
      if (message.seq !== next) return; // lost on its way: delivered anew
      const commit = decodeCommit(message.seq, message.headers, message.data);
      commits.push(commit);
      next++;
      records += commit.last - commit.first + 1;
      if (messages.getPending() > 0 && records < PAGE) continue;
      this.#lookup.learn(commit);
      yield commits;
      [commits, records] = [[], 0];
    }
  }

  async #watchConnection(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type !== 'disconnect' && type !== 'close') continue;
      this.#connected.abort();
      this.#connected = new AbortController();
    }
  }
}

/** Also checks that each commit begins where the one before it ended. */
function recordsAfter(position: LogPosition, commits: readonly Commit[]): readonly StoredRecord[] {
  let end = position;
  for (const { sequence, first, last } of commits) {
    if (first > end + 1 || (first <= end && end > position))
      throw new EventStoreError(
        `message ${sequence} of the stream begins at ${first}, and not at ${end + 1}`,
      );
    end = Math.max(end, last);
  }
  return commits.flatMap(({ records }) => records()).filter((record) => record.position > position);
}

/** The client would wait half a minute; a consumer is soon made anew. */
async function stopWhenUnserved(messages: ConsumerMessages): Promise<void> {
  const UNSERVED = [
    'heartbeats_missed',
    'consumer_not_found',
    'consumer_deleted',
    'stream_not_found',
    'no_responders',
  ];
  for await (const { type } of messages.status()) if (UNSERVED.includes(type)) messages.stop();
}

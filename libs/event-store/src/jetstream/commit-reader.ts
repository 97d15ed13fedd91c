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
import type { CommitLookup, Mark } from './commit-lookup.js';
import { decodeCommit, type Commit } from './commit-message.js';

/** So many are fetched one by one, in as much time as it takes to make a consumer. */
const FEW = 256;
const AT_ONCE = 32;
/** What is asked for at a time; at most as many messages of the largest size are held in memory. */
const MESSAGES = 100;
/** A server that serves nothing is left after two of these. */
const HEARTBEAT_MS = 1000;
/** How long a server keeps a consumer that nobody asks any more. */
const FORGOTTEN_AFTER_MS = 30_000;
const PAUSE_MS = 100;

export interface Extent {
  readonly upTo?: Mark;
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

  /** What stands after a position, commit by commit. */
  async *pages(after: LogPosition, extent: Extent): AsyncGenerator<readonly StoredRecord[]> {
    const { upTo, patienceMs = Infinity, signal } = extent;
    const isEnough = (): boolean =>
      (upTo !== undefined && (before?.last ?? after) >= upTo.last) || signal?.aborted === true;
    let heard = performance.now();
    let before: Commit | undefined;
    let isServed = true;
    while (!isEnough()) {
      let cause = new Error('the servers do not deliver it');
      try {
        const next = before ? before.sequence + 1 : await this.#lookup.sequenceAfter(after);
        const { sequence: newest } = upTo ?? (await this.#lookup.newest());
        const isFetched: boolean = newest >= next && (newest - next < FEW || !isServed);
        const commits = isFetched
          ? this.#fetch(next, Math.min(newest, next + FEW))
          : this.#deliver(next, signal);
        isServed = false;
        for await (const commit of commits) {
          if (signal?.aborted) return;
          isServed = true;
          checkOrder(commit, before?.last, after);
          before = commit;
          heard = performance.now();
          if (commit.last > after) yield commit.records().filter(({ position }) => position > after);
          if (isEnough()) return;
        }
      } catch (error) {
        if (error instanceof EventStoreError) throw error;
        cause = error as Error;
      }
      if (this.#connection.isClosed()) throw new EventStoreError('the event store is closed', { cause });
      if (performance.now() - heard > patienceMs) throw new EventStoreError(cause.message, { cause });
      if (!isServed) await setTimeout(PAUSE_MS, undefined, signal ? { signal } : {}).catch(() => undefined);
    }
  }

  /** Too few to be worth a consumer, which a cluster has to agree on. */
  async *#fetch(from: number, upTo: number): AsyncGenerator<Commit> {
    for (let next = from; next <= upTo; next += AT_ONCE) {
      const count = Math.min(AT_ONCE, upTo - next + 1);
      const asked = Array.from({ length: count }, (_, index) => this.#lookup.at(next + index));
      for (const commit of await Promise.all(asked)) {
        if (!commit) return; // the leader has changed to one that does not have it yet
        yield commit;
      }
    }
  }

  /** Commits from a sequence on, without a hole, until something interrupts it. */
  async *#deliver(from: number, signal?: AbortSignal): AsyncGenerator<Commit> {
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
    const watch = setInterval(() => void this.#stopWhenStalled(from, messages), HEARTBEAT_MS);
    try {
      yield* this.#inOrder(from, messages);
    } finally {
      clearInterval(watch);
      interrupted.removeEventListener('abort', stop);
      stop();
      this.#manager.consumers.delete(this.#stream, consumer.name).catch(() => undefined);
    }
  }

  /** A server whose copy does not grow may go on serving what it has: nothing, every second. */
  async #stopWhenStalled(from: number, messages: ConsumerMessages): Promise<void> {
    const received = messages.getReceived();
    if (messages.getPending() > 0) return; // it is the reader who is slow
    const newest = await this.#lookup.newest().catch(() => undefined);
    if (newest && newest.sequence >= from + received && messages.getReceived() === received) messages.stop();
  }

  async *#inOrder(from: number, messages: ConsumerMessages): AsyncGenerator<Commit> {
    let next = from;
    for await (const { seq, headers, data } of messages) {
      if (seq !== next && next === from)
        throw new EventStoreError(`messages ${from} to ${seq - 1} of the stream are missing`);
      if (seq !== next) return; // lost on its way: delivered anew
      const commit = decodeCommit(seq, headers, data);
      this.#lookup.learn(commit);
      yield commit;
      next++;
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

function checkOrder({ sequence, first }: Commit, before: LogPosition | undefined, after: LogPosition): void {
  if (before === undefined ? first > after + 1 : first !== before + 1)
    throw new EventStoreError(
      `message ${sequence} of the stream begins at ${first}, and not at ${(before ?? after) + 1}`,
    );
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

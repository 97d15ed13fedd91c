import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import { millis } from '@nats-io/nats-core';
import type { LogPosition } from '#libs/domain';
import { decodeCommit, type Commit } from './commit-message.js';

/** How far the log goes at a sequence of the stream. */
export type Mark = Pick<Commit, 'sequence' | 'last'>;

/** Followers answer their leader every second. */
const FOLLOWED_WITHIN_MS = 3000;

const EMPTY: Mark = { sequence: 0, last: 0 };

/**
 * Finds commits, by asking the stream's leader. Positions are counted by records, sequences by commits; nothing is ever
 * removed, so both go up together.
 */
export class CommitLookup {
  readonly #manager: JetStreamManager;
  readonly #stream: string;
  #newest: Mark = EMPTY;

  constructor(manager: JetStreamManager, stream: string) {
    this.#manager = manager;
    this.#stream = stream;
  }

  /** The newest that is known of without asking. */
  get known(): Mark {
    return this.#newest;
  }

  /** Takes note of a commit that is durable. */
  learn(mark: Mark): Mark {
    if (mark.sequence > this.#newest.sequence) this.#newest = { sequence: mark.sequence, last: mark.last };
    return this.#newest;
  }

  /** The newest there is, by the word of a leader that others still follow. */
  async newest(): Promise<Mark> {
    const info = await this.#manager.streams.info(this.#stream);
    if (!isFollowed(info)) throw new Error(`no majority follows the leader of the stream ${this.#stream}`);
    const sequence = info.state.last_seq;
    if (sequence <= this.#newest.sequence) return this.#newest;
    const commit = await this.at(sequence);
    if (!commit) throw new Error(`the stream ${this.#stream} has no leader that has all of it`);
    return this.learn(commit);
  }

  async at(sequence: number): Promise<Commit | undefined> {
    const message = await this.#manager.streams.getMessage(this.#stream, { seq: sequence });
    return message ? decodeCommit(message.seq, message.header, message.data) : undefined;
  }

  /** The sequence from which on everything after that position is found. */
  async sequenceAfter(position: LogPosition): Promise<number> {
    if (position <= 0) return 1;
    const newest = position > this.#newest.last ? await this.newest() : this.#newest;
    if (position >= newest.last) return newest.sequence + 1;
    let [from, upTo] = [1, newest.sequence];
    while (from < upTo) {
      const middle = Math.floor((from + upTo) / 2);
      const commit = await this.at(middle);
      if (!commit) throw new Error(`message ${middle} of the stream ${this.#stream} is missing`);
      if (commit.last > position) upTo = middle;
      else from = middle + 1;
    }
    return from;
  }
}

/**
 * One that was cut off believes for ten seconds or more that it leads, while the others follow another. They would not
 * choose that one within 4 s of having heard of it.
 */
function isFollowed({ cluster, config }: StreamInfo): boolean {
  if (!cluster || config.num_replicas === 1) return true;
  const following = cluster.replicas?.filter(({ active }) => millis(active) < FOLLOWED_WITHIN_MS) ?? [];
  return cluster.leader !== undefined && following.length + 1 > config.num_replicas / 2;
}

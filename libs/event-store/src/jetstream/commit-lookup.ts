import type { JetStreamManager } from '@nats-io/jetstream';
import type { LogPosition } from '#libs/domain';
import { EventStoreError } from '../event-store.js';
import { decodeCommit, type Commit } from './commit-message.js';

/** How far the log goes at a sequence of the stream. */
export type Mark = Pick<Commit, 'sequence' | 'last'>;

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

  /**
   * The newest by the leader's word. One that was cut off and does not know it yet may be some seconds behind; what is
   * appended is decided by a majority, whatever was read here.
   */
  async newest(): Promise<Mark> {
    const commit = await this.#get({ last_by_subj: '>' });
    return this.learn(commit ?? EMPTY);
  }

  at(sequence: number): Promise<Commit | undefined> {
    return this.#get({ seq: sequence });
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
      if (!commit) throw new EventStoreError(`message ${middle} of the stream ${this.#stream} is missing`);
      if (commit.last > position) upTo = middle;
      else from = middle + 1;
    }
    return from;
  }

  async #get(
    query: { readonly seq: number } | { readonly last_by_subj: string },
  ): Promise<Commit | undefined> {
    const message = await this.#manager.streams.getMessage(this.#stream, query);
    return message ? decodeCommit(message.seq, message.header, message.data) : undefined;
  }
}

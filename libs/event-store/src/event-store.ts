import type { LogPosition } from '#libs/domain';

/** One record of the log: a line of text that means nothing to the store. */
export interface StoredRecord {
  readonly position: LogPosition;
  readonly text: string;
}

/** `appended: false` is a lost race: somebody else's records stand where these would have. */
export interface AppendOutcome {
  readonly appended: boolean;
  /** The log's end afterwards. */
  readonly end: LogPosition;
}

/**
 * The log of one cell: records at positions 1, 2, 3 …, in one order, never changed and never removed.
 */
export interface EventStore extends AsyncDisposable {
  /** What and where, for people: `sqlite:/var/lib/rampart/log.db`. */
  readonly name: string;

  /**
   * Puts all records right after `expected`, if the log ends there, or none of them. Resolves only when they would
   * survive a power cut. Throws an EventStoreError when the storage failed: then none of them is in the log.
   */
  append(expected: LogPosition, records: readonly string[]): Promise<AppendOutcome>;

  /** Everything after that position up to the end at the time of reading, in order, page by page. */
  read(after: LogPosition): AsyncIterable<readonly StoredRecord[]>;

  end(): Promise<LogPosition>;
}

/** The storage failed; the message names what, and what to do about it. */
export class EventStoreError extends Error {
  override readonly name = 'EventStoreError';
}

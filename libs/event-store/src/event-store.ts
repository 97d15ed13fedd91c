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
  /** What an acknowledged append survives, where that depends on how the storage is set up. */
  readonly durability?: string;
  /** Of the records of one append, in UTF-8, with one more for each; where there is a limit. */
  readonly maxAppendBytes?: number;

  /**
   * Puts all records right after `expected`, if the log ends there, or none of them. Resolves only when they would
   * survive a power cut. Throws an EventStoreError when the storage failed: then none of them is in the log, unless it
   * says that this is uncertain.
   */
  append(expected: LogPosition, records: readonly string[]): Promise<AppendOutcome>;

  /** Everything after that position up to the end at the time of reading, in order, page by page. */
  read(after: LogPosition): AsyncIterable<readonly StoredRecord[]>;

  /**
   * Everything after that position that others append, in order, page by page, as soon as it is durable; what this one
   * appended may be left out. Ends when the signal aborts; an outage of the storage only holds it up. A page may end
   * between the records of one append.
   */
  follow(after: LogPosition, signal: AbortSignal): AsyncIterable<readonly StoredRecord[]>;

  /** Leaves out nothing that anyone had appended when it was asked. */
  end(): Promise<LogPosition>;
}

/** The storage failed; the message names what, and what to do about it. */
export class EventStoreError extends Error {
  override readonly name = 'EventStoreError';
  /**
   * Of an append whose answer was lost: its records may be in the log, or turn up in it until something else stands in
   * their place. Whoever gets this reads the log before deciding again.
   */
  readonly isUncertain: boolean;

  constructor(message: string, options: ErrorOptions & { readonly isUncertain?: boolean } = {}) {
    super(message, options);
    this.isUncertain = options.isUncertain ?? false;
  }
}

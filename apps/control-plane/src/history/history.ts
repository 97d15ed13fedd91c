import type { AccountId, InstanceId, IpAddress, LogPosition, RecordedEvent } from '#libs/domain';
import type { Directory } from '#libs/projections';
import type { ReceiptSummary } from '../receipts/receipts.js';
import type { EventQuery } from './search.js';

/** A moment as it was asked for, and the field that it was asked in, for whoever is told that it is none. */
export interface AskedMoment {
  readonly field: string;
  readonly text: string;
}

/** What was asked of the past is not understood, or is no past: the message says what to give instead. */
export class NoSuchMomentError extends Error {
  override readonly name = 'NoSuchMomentError';
}

/** The index can't be kept just now; what it would answer is in the log all the same. */
export class HistoryUnavailableError extends Error {
  override readonly name = 'HistoryUnavailableError';
}

/** The past of the cell: every event, and what was true after any of them. */
export abstract class History {
  /**
   * The log position that a moment stands for: everything up to it had happened. A position, a time of ISO 8601, or how
   * long ago: `90s`, `10m`, `2h`, `3d`, `1w`. Throws a NoSuchMomentError for anything else, and for what is yet to come.
   */
  abstract positionAt(asked: AskedMoment): Promise<LogPosition>;

  /** The newest event of the log, as anyone has been told. */
  abstract end(): Promise<LogPosition>;

  /** When the event at that position happened; the beginning of time for position 0. */
  abstract timeOf(position: LogPosition): Promise<Date>;

  /** The directory as it was right after that position, all of it, or one account's groups, rules, instances and lists. */
  abstract directoryAt(position: LogPosition, accountId?: AccountId): Promise<Directory>;

  /**
   * The same of just what a packet between these ends is judged by: the instances, their groups with rules, the groups
   * and lists that those name, with their members and blocks. Whoever's they are.
   */
  abstract sliceAt(position: LogPosition, ends: readonly (InstanceId | IpAddress)[]): Promise<Directory>;

  /** The events asked for. Never older than the newest answer given to anyone. */
  abstract events(query: EventQuery): Promise<readonly RecordedEvent[]>;

  /** The event at that position. */
  async eventAt(position: LogPosition): Promise<RecordedEvent | undefined> {
    const there = { touching: [], after: position - 1, before: position + 1, limit: 1 } as const;
    const [found] = await this.events({ ...there, order: 'oldest first' });
    return found;
  }

  /** Whether whoever waits is sent away, as the control plane ends. */
  abstract readonly isClosing: boolean;

  /** Resolves when there are events after that position, or the time is over, or it is closing. */
  abstract eventsAfter(position: LogPosition, limitMilliseconds: number): Promise<void>;

  /** Keeps what became of a change, for longer than it is remembered elsewhere. */
  abstract noteReceipt(receipt: ReceiptSummary): void;

  /** For each position what became of the change that the event there is part of, where that is known. */
  abstract receiptsOf(positions: readonly LogPosition[]): Promise<readonly (ReceiptSummary | undefined)[]>;
}

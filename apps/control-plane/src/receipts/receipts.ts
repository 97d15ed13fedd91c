import type { HostId, LogPosition } from '#libs/domain';
import type { Change, HostOutcome, Laggard } from './receipt.js';

/** What became of a change, in numbers. Milliseconds count from the command's arrival. */
export interface ReceiptSummary extends Change {
  /** Hosts that the change is for; none when nothing that runs is touched by it. */
  readonly concerned: number;
  readonly enforced: number;
  readonly refused: number;
  /** Hosts that were retired before they had it; nobody waits for them. */
  readonly retired: number;
  /** Of the hosts that enforce it: half of them, 99 of 100, all. */
  readonly p50: number;
  readonly p99: number;
  readonly last: number;
}

/** The same with what is known of each host, for as long as it is remembered in full. */
export interface ReceiptView extends ReceiptSummary {
  readonly hosts?: readonly ({ readonly hostId: HostId } & HostOutcome)[];
}

/** What whoever waited is told. */
export interface WaitedReceipt extends ReceiptSummary {
  /** From the command's arrival to the last confirmation so far. */
  readonly milliseconds: number;
  /** Hosts that have not confirmed, at most ten. */
  readonly waitingFor: readonly HostId[];
  /** The same hosts, with what is known of each. */
  readonly laggards: readonly ({ readonly hostId: HostId } & Laggard)[];
}

/** What is known of every recent change: which hosts it concerns, which of them have it in the kernel. */
export abstract class Receipts {
  /** Resolves as soon as no host is left to wait for, or at the limit with what is known by then. */
  abstract wait(position: LogPosition, limitMilliseconds: number): Promise<WaitedReceipt>;
  /** Of the commit that the event at that position is part of; undefined when it is not, or no longer, known. */
  abstract find(position: LogPosition): ReceiptView | undefined;
  /** The newest first, of those that are wanted. */
  abstract recent(count: number, isWanted?: (change: Change) => boolean): readonly ReceiptSummary[];
  /** Told of each change when it is opened, and again when it is settled. Answers how to stop that. */
  abstract follow(listener: (receipt: ReceiptSummary, isSettled: boolean) => void): () => void;
}

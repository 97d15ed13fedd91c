import type { HostId, LogPosition } from '#libs/domain';

/** Where a change is enforced so far. */
export interface ReceiptSummary {
  readonly position: LogPosition;
  /** Hosts that the change is for; none when nothing that runs is touched by it. */
  readonly concerned: number;
  readonly enforced: number;
  /** From the broadcast to the last confirmation so far. */
  readonly milliseconds: number;
  /** Concerned hosts that have not confirmed, at most ten. */
  readonly waitingFor: readonly HostId[];
}

/** What is known of every recent change: which hosts it concerns, which of them have it in the kernel. */
export abstract class Receipts {
  /** Resolves as soon as all concerned hosts enforce the change, or at the limit with what is known by then. */
  abstract wait(position: LogPosition, limitMilliseconds: number): Promise<ReceiptSummary>;
}

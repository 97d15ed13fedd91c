import type { RecordedEvent } from '#libs/domain';

/** How a commit came here. */
export interface Arrival {
  /** When its command arrived, or the commit itself where others decided it; by the clock of `performance.now()`. */
  readonly at: number;
  /** Decided and appended here. */
  readonly isOwn: boolean;
}

/** Told of every commit, in order, once it is durable and before anyone hears of it. */
export type CommitListener = (commit: readonly RecordedEvent[], arrival: Arrival) => void;

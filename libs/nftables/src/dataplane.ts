import type { Element, HeldTable, Operation, Transaction } from '#libs/compiler';

/** `refused` names the first operation that could not be done; then nothing of the transaction was. */
export type CommitOutcome =
  { readonly committed: true } | { readonly committed: false; readonly refused: Refused };

export interface Refused {
  /** Place of the operation in the transaction. */
  readonly index: number;
  readonly operation: Operation;
  /** The one of the operation's elements that it is about, where that is known. */
  readonly element?: Element;
  /** As the kernel says it: `ENOENT`, `EEXIST`, `EBUSY` … */
  readonly code: string;
  /** For people: the operation in nft's words, and what the code means. */
  readonly reason: string;
  /** How many operations before it stay done all the same: 0 unless the transaction was too large for one batch. */
  readonly done: number;
}

/** The one way to the kernel's packet filter: reads and writes the table `inet rampart` and no other. */
export interface Dataplane extends Disposable {
  /**
   * Does all of it at one moment, or none of it. When it returns, packets are judged by the new table. Throws a
   * DataplaneError when the way to the kernel is broken, so that nobody knows what it holds.
   */
  commit(transaction: Transaction): CommitOutcome;
  /** The table as it is now; undefined when there is none. */
  read(): HeldTable | undefined;
  /** Whether anybody else may have changed the table since this was asked last. Cheap, and never wrongly false. */
  wasTouched(): boolean;
}

/** The way to the kernel is broken, or was never there; the message says what to do. */
export class DataplaneError extends Error {
  override readonly name = 'DataplaneError';
}

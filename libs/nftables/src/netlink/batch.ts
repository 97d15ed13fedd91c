import type { Operation, Transaction } from '#libs/compiler';
import { NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END, NFNL_SUBSYS_NFTABLES } from './constants.js';
import { UnfitError } from './data-types.js';
import { writeOperation } from './operations.js';
import type { MessageWriter } from './writer.js';

/** The part of a transaction that the kernel does at one moment, as it stands encoded in a writer. */
export interface Batch {
  /** The first operation that is not in it. */
  readonly next: number;
  /** Sequence numbers: of the message that begins it, of the last operation's last message, of the one that ends it. */
  readonly begin: number;
  readonly last: number;
  readonly end: number;
  /** The sequence number of each operation's first message. */
  readonly firstOf: readonly number[];
}

/** An operation that can't be encoded. */
export interface Unfit {
  readonly unfit: number;
  readonly because: string;
}

/** Writes operations from the place `from` on, until there are `limit` bytes; always at least one operation. */
export function writeBatch(
  to: MessageWriter,
  transaction: Transaction,
  from: number,
  limit: number,
  begin: number,
): Batch | Unfit {
  let sequence = begin;
  const nextSequence = (): number => ++sequence;
  const firstOf: number[] = [];
  let next = from;
  to.clear();
  to.message(NFNL_MSG_BATCH_BEGIN, 0, begin, 0, NFNL_SUBSYS_NFTABLES);
  try {
    for (; next < transaction.length && (next === from || to.length < limit); next++) {
      firstOf.push(sequence + 1);
      writeOperation(to, transaction[next] as Operation, nextSequence);
    }
  } catch (error) {
    if (error instanceof UnfitError) return { unfit: next, because: error.message };
    throw error;
  }
  const last = sequence;
  // Asked of an operation, as kernels before 6.10 do not answer the message that ends a batch.
  to.askForAnswer();
  to.message(NFNL_MSG_BATCH_END, 0, nextSequence(), 0, NFNL_SUBSYS_NFTABLES);
  return { next, begin, last, end: sequence, firstOf };
}

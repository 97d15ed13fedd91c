import type { LogPosition } from '#libs/domain';
import { firstAfter } from './first-after.js';
import { positionOf, type Receipt } from './receipt.js';

/**
 * Receipts that some host has not confirmed, the oldest first: few of all that are kept, and all that a host's word can
 * change.
 */
export class OpenReceipts {
  #receipts: Receipt[] = [];
  /** How many to hold before looking which of them are done by now. */
  #most = 64;

  add(receipt: Receipt): void {
    if (receipt.isDone) return;
    this.#receipts.push(receipt);
    if (this.#receipts.length <= this.#most) return;
    this.#receipts = this.#receipts.filter(({ isDone }) => !isDone);
    this.#most = 64 + 2 * this.#receipts.length;
  }

  /** Of changes above that position. */
  *after(position: LogPosition): Generator<Receipt> {
    const receipts = this.#receipts;
    for (let index = firstAfter(receipts, position, positionOf); index < receipts.length; index++) {
      const receipt = receipts[index];
      if (receipt && !receipt.isDone) yield receipt;
    }
  }

  /** No older one is held any more. */
  forget({ change }: Receipt): void {
    const newer = firstAfter(this.#receipts, change.position, positionOf);
    if (newer > 0) this.#receipts.splice(0, newer);
  }
}

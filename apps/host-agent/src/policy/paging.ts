import type { LogPosition } from '#libs/domain';
import type { ChainCursor, ChainName, Page } from '#libs/protocol';

/** One chain as it is held: what a page brings is added, what is gone by the last is dropped. */
export interface HeldChain {
  readonly held: Iterable<string>;
  readonly comes: readonly string[];
  readonly add: () => void;
  readonly drop: (id: string) => void;
}

/**
 * A chain that comes in pages. Deltas keep what has come up to date, and what they add comes with a later page too, as
 * pages follow the order of adding. What was held before and has not come again goes with the last page.
 */
export class Paging {
  readonly #name: ChainName;
  readonly #stale: Set<string>;
  #position: LogPosition;
  #after: string | undefined;

  constructor(name: ChainName, { position }: Page, held: Iterable<string>) {
    this.#name = name;
    this.#stale = new Set(held);
    this.#position = position;
  }

  get position(): LogPosition {
    return this.#position;
  }

  get stale(): Iterable<string> {
    return this.#stale;
  }

  get cursor(): ChainCursor | undefined {
    return this.#after === undefined ? undefined : { ...this.#name, after: this.#after };
  }

  /** A page of another position lacks a change that what is here has, or has one that is missing here. */
  isFollowedBy({ position, after }: Page): boolean {
    return position === this.#position && after === this.#after;
  }

  turnTo({ next }: Page): void {
    this.#after = next;
  }

  moveTo(position: LogPosition): void {
    this.#position = position;
  }

  keep(ids: Iterable<string>): void {
    for (const id of ids) this.#stale.delete(id);
  }
}

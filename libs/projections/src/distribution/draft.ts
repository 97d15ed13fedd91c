import type { HostId } from '#libs/domain';
import type { Chain, ChainDelta, Place } from './deltas.js';

/** A chain and where it stands: the place of its newest change. */
export interface ChainEnd {
  readonly chain: Chain;
  /** Of the chain's group; 0 where it has none. */
  readonly number: number;
  place: Place;
}

/** Where a chain stands before its first change. */
export const NOWHERE: Place = { position: 0, event: '' };

/** Moves the chain to that place; yields its delta in the making, if anyone is to be told. */
export function draftOf(
  end: ChainEnd,
  place: Place,
  touched: Map<ChainEnd, Draft> | undefined,
): Draft | undefined {
  const previous = end.place;
  end.place = place;
  if (!touched) return undefined;
  const draft = touched.getOrInsertComputed(end, () => new Draft(end, previous));
  draft.place = place;
  return draft;
}

/** One chain's delta in the making: what a commit first adds and then removes cancels out, and the other way round. */
export class Draft {
  place: Place = NOWHERE;
  concerned: ReadonlySet<HostId> = new Set();
  readonly #end: ChainEnd;
  readonly #previous: Place;
  readonly #added = new Map<string, unknown>();
  readonly #removed = new Map<string, unknown>();

  constructor(end: ChainEnd, previous: Place) {
    this.#end = end;
    this.#previous = previous;
  }

  /** What comes back as something else under the same key is both removed and added. */
  change(by: 1 | -1, key: string, value: unknown): void {
    if (by === -1) {
      if (!this.#added.delete(key)) this.#removed.set(key, value);
    } else if (this.#removed.get(key) === value) this.#removed.delete(key);
    else this.#added.set(key, value);
  }

  /** Sets are kept and not copied as long as one is enough: a change costs the same for one host and for thousands. */
  concern(hosts: ReadonlySet<HostId>): void {
    if (hosts === this.concerned || hosts.size === 0) return;
    this.concerned = this.concerned.size === 0 ? hosts : this.concerned.union(hosts);
  }

  delta(): ChainDelta {
    const added = [...this.#added.values()];
    const removed = [...this.#removed.values()];
    const { chain, number } = this.#end;
    const { position: previous, event: previousEvent } = this.#previous;
    const link = { ...this.place, previous, previousEvent };
    switch (chain.kind) {
      case 'host':
        return { ...link, ...chain, launched: added, terminated: removed } as ChainDelta;
      case 'prefixes':
        return { ...link, ...chain, added, removed } as ChainDelta;
      case 'rules':
      case 'members':
        return { ...link, ...chain, number, added, removed } as ChainDelta;
    }
  }
}

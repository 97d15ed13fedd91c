import type { HostId, LogPosition } from '#libs/domain';
import type { Chain, ChainDelta } from './deltas.js';

/** A chain and where it stands: the position of its newest change, 0 before the first. */
export interface ChainEnd {
  readonly chain: Chain;
  /** Of the chain's group; 0 where it has none. */
  readonly number: number;
  position: LogPosition;
}

/** Moves the chain to that position; yields its delta in the making, if anyone is to be told. */
export function draftOf(
  end: ChainEnd,
  position: LogPosition,
  touched: Map<ChainEnd, Draft> | undefined,
): Draft | undefined {
  const previous = end.position;
  end.position = position;
  if (!touched) return undefined;
  const draft = touched.getOrInsertComputed(end, () => new Draft(end, previous));
  draft.position = position;
  return draft;
}

/** One chain's delta in the making: what a commit first adds and then removes cancels out, and the other way round. */
export class Draft {
  position: LogPosition = 0;
  concerned: ReadonlySet<HostId> = new Set();
  readonly #end: ChainEnd;
  readonly #previous: LogPosition;
  readonly #added = new Map<string, unknown>();
  readonly #removed = new Map<string, unknown>();

  constructor(end: ChainEnd, previous: LogPosition) {
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
    const link = { position: this.position, previous: this.#previous };
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

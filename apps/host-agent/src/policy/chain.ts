import type { LogPosition } from '#libs/domain';
import type { ChainName, Delta, Link, Place } from '#libs/protocol';

/** What becomes of a delta: it follows on what is there, it is known already, or something before it is missing. */
export type Fit = 'next' | 'known' | 'gap';

export function fitOf(has: Place | undefined, link: Link): Fit {
  if (has === undefined) return 'gap';
  const { position, event = '', previous, previousEvent = '' } = link;
  const known = has.event ?? '';
  if (position === has.position) return event === known ? 'known' : 'gap';
  // The chain ends before what is here: its log was restored from a backup.
  if (position < has.position) return previous === position ? 'gap' : 'known';
  return previous === has.position && previousEvent === known ? 'next' : 'gap';
}

/** The chain that a delta changes. */
export function chainOfDelta(delta: Delta): ChainName {
  switch (delta.type) {
    case 'host':
      return { chain: 'host' };
    case 'prefixes':
      return { chain: 'prefixes', id: delta.prefixListId };
    case 'rules':
    case 'members':
      return { chain: delta.type, id: delta.groupId };
  }
}

/** The chains of one kind that a host needs: how many need each, and where it stands once it is all there. */
export class NeededChains<Id extends string> {
  readonly #needs = new Map<Id, number>();
  readonly #positions = new Map<Id, LogPosition>();

  /** Only what is needed has a position. */
  get areComplete(): boolean {
    return this.#positions.size === this.#needs.size;
  }

  get ids(): ReadonlySet<Id> {
    return new Set(this.#needs.keys());
  }

  get positions(): ReadonlyMap<Id, LogPosition> {
    return this.#positions;
  }

  has(id: Id): boolean {
    return this.#needs.has(id);
  }

  need(id: Id): void {
    this.#needs.set(id, (this.#needs.get(id) ?? 0) + 1);
  }

  /** One need less; true when it was the last. */
  release(id: Id): boolean {
    const left = (this.#needs.get(id) ?? 0) - 1;
    if (left > 0) this.#needs.set(id, left);
    else this.#needs.delete(id);
    if (left <= 0) this.#positions.delete(id);
    return left <= 0;
  }

  /** `undefined` while only a part of it is there. */
  moveTo(id: Id, position: LogPosition | undefined): void {
    if (position === undefined) this.#positions.delete(id);
    else if (this.#needs.has(id)) this.#positions.set(id, position);
  }
}

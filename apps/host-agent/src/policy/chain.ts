import type { GroupId, LogPosition } from '#libs/domain';
import type { ChainName } from '#libs/protocol';

/** What becomes of a delta: it follows on what is there, it is known already, or something before it is missing. */
export type Fit = 'next' | 'known' | 'gap';

export function fitOf(
  has: LogPosition | undefined,
  { position, previous }: { readonly position: LogPosition; readonly previous: LogPosition },
): Fit {
  if (has === undefined) return 'gap';
  if (position <= has) return 'known';
  return previous === has ? 'next' : 'gap';
}

export const chainNameText = ({ chain, groupId }: ChainName): string => `${chain} ${groupId ?? ''}`;

/** The chains of one kind that a host needs: how many need each, and where it stands once it is all there. */
export class NeededChains {
  readonly #needs = new Map<GroupId, number>();
  readonly #positions = new Map<GroupId, LogPosition>();

  /** Only what is needed has a position. */
  get areComplete(): boolean {
    return this.#positions.size === this.#needs.size;
  }

  get groupIds(): ReadonlySet<GroupId> {
    return new Set(this.#needs.keys());
  }

  get positions(): ReadonlyMap<GroupId, LogPosition> {
    return this.#positions;
  }

  has(groupId: GroupId): boolean {
    return this.#needs.has(groupId);
  }

  need(groupId: GroupId): void {
    this.#needs.set(groupId, (this.#needs.get(groupId) ?? 0) + 1);
  }

  /** One need less; true when it was the last. */
  release(groupId: GroupId): boolean {
    const left = (this.#needs.get(groupId) ?? 0) - 1;
    if (left > 0) this.#needs.set(groupId, left);
    else this.#needs.delete(groupId);
    if (left <= 0) this.#positions.delete(groupId);
    return left <= 0;
  }

  /** `undefined` while only a part of it is there. */
  moveTo(groupId: GroupId, position: LogPosition | undefined): void {
    if (position === undefined) this.#positions.delete(groupId);
    else if (this.#needs.has(groupId)) this.#positions.set(groupId, position);
  }
}

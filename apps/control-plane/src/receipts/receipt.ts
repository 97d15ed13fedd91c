import type { AccountId, HostId, Instant, LogPosition } from '#libs/domain';
import { chainText, type Broadcast } from '#libs/projections';

/** A commit, as its receipt names it. */
export interface Change {
  /** Of the commit's first and last events. */
  readonly first: LogPosition;
  readonly position: LogPosition;
  readonly time: Instant;
  readonly requestId: string;
  /** Whose change it is; none where a host or the system itself asked. */
  readonly accountId?: AccountId;
}

/** What is known of a change on one host, and since when, in milliseconds from the change's arrival. */
export type HostOutcome =
  { readonly state: 'enforced'; readonly milliseconds: number } | { readonly state: 'retired' } | Laggard;

/** What is known of a host that does not have it. */
export type Laggard =
  { readonly state: 'pending' | 'lagging' } | { readonly state: 'refused'; readonly reason: string };

/** One chain of a change, and who must enforce it. */
interface ChainPart {
  readonly chain: string;
  readonly position: LogPosition;
  readonly concerned: ReadonlySet<HostId>;
}

/**
 * What is known of one change: on which of the hosts that it concerns the kernel holds it. A host has it when it has
 * confirmed all of the change's chains that it follows. Opening one costs the same however many hosts there are; each
 * confirmation costs the same too.
 */
export class Receipt {
  readonly change: Change;
  readonly began: number;
  /** From then on, whoever has not confirmed is late. */
  readonly lateFrom: number;
  readonly parts: readonly ChainPart[];
  readonly concerned: number;
  readonly #enforced = new Map<HostId, number>();
  readonly #retired = new Set<HostId>();
  readonly #refused = new Map<HostId, string>();
  /** Chains that a host has confirmed, of changes that have several. */
  readonly #partly = new Map<HostId, Set<string>>();
  readonly #waiting = new Set<() => void>();

  /** `began` is when the change arrived, by the clock of `performance.now()`. */
  constructor(change: Change, broadcasts: readonly Broadcast[], began: number, lateFrom: number) {
    this.change = change;
    this.began = began;
    this.lateFrom = lateFrom;
    this.parts = broadcasts
      .filter(({ concerned }) => concerned.size > 0)
      .map(({ delta, concerned }) => ({ chain: chainText(delta), position: delta.position, concerned }));
    this.concerned = sizeOfUnion(this.parts.map(({ concerned }) => concerned));
  }

  get enforced(): number {
    return this.#enforced.size;
  }

  get refused(): number {
    return this.#refused.size;
  }

  get retired(): number {
    return this.#retired.size;
  }

  /** Whether every host has it that still counts. */
  get isDone(): boolean {
    return this.#enforced.size + this.#retired.size >= this.concerned;
  }

  /** Whether there is nothing more to wait for: whoever does not have it refuses it. */
  get isSettled(): boolean {
    return this.#enforced.size + this.#retired.size + this.#refused.size >= this.concerned;
  }

  /** Milliseconds to each host's confirmation, in the order of their arrival. */
  get times(): readonly number[] {
    return [...this.#enforced.values()];
  }

  concerns(hostId: HostId): boolean {
    return this.parts.some(({ concerned }) => concerned.has(hostId));
  }

  /** Whether the host counts, and has neither confirmed nor gone. */
  awaits(hostId: HostId): boolean {
    return !this.#enforced.has(hostId) && !this.#retired.has(hostId) && this.concerns(hostId);
  }

  /** Hosts that count and have neither confirmed nor gone. */
  *awaited(): Generator<HostId> {
    const seen = new Set<HostId>();
    for (const { concerned } of this.parts)
      for (const hostId of concerned)
        if (!seen.has(hostId) && !this.#enforced.has(hostId) && !this.#retired.has(hostId)) {
          if (this.parts.length > 1) seen.add(hostId);
          yield hostId;
        }
  }

  /** What is known of each host that the change concerns. */
  *hosts(now: number, laggingAfter: number): Generator<readonly [HostId, HostOutcome]> {
    for (const [hostId, milliseconds] of this.#enforced) yield [hostId, { state: 'enforced', milliseconds }];
    for (const hostId of this.#retired) yield [hostId, { state: 'retired' }];
    yield* this.laggards(now, laggingAfter);
  }

  /** Of those that still count, the ones that do not have it. */
  *laggards(now: number, laggingAfter: number): Generator<readonly [HostId, Laggard]> {
    for (const hostId of this.awaited()) {
      const reason = this.#refused.get(hostId);
      if (reason === undefined)
        yield [hostId, { state: now - this.began > laggingAfter ? 'lagging' : 'pending' }];
      else yield [hostId, { state: 'refused', reason }];
    }
  }

  /** The host's kernel holds that chain of the change; all of them, when none is named. */
  confirm(hostId: HostId, chain: string | undefined, now: number): void {
    if (!this.awaits(hostId)) return;
    if (chain !== undefined && !this.#hasAll(hostId, chain)) return;
    this.#partly.delete(hostId);
    this.#refused.delete(hostId);
    this.#enforced.set(hostId, now - this.began);
    this.#tell();
  }

  /** The host's kernel does not take it. It may later, and then says so. */
  refuse(hostId: HostId, reason: string): void {
    if (!this.awaits(hostId)) return;
    this.#refused.set(hostId, reason);
    this.#tell();
  }

  /** The host is gone for good: nobody waits for it. */
  retire(hostId: HostId): void {
    if (!this.awaits(hostId)) return;
    this.#refused.delete(hostId);
    this.#retired.add(hostId);
    this.#tell();
  }

  /** Resolves once it is settled, or at the limit. */
  async settled(limitMilliseconds: number): Promise<void> {
    if (this.isSettled || limitMilliseconds <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    const timer = setTimeout(resolve, limitMilliseconds);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
  }

  #hasAll(hostId: HostId, chain: string): boolean {
    const wanted = this.parts.filter(({ concerned }) => concerned.has(hostId));
    if (wanted.length <= 1) return true;
    const have = this.#partly.getOrInsertComputed(hostId, () => new Set());
    have.add(chain);
    return wanted.every((part) => have.has(part.chain));
  }

  #tell(): void {
    if (this.isSettled) for (const resolve of this.#waiting) resolve();
  }
}

export const positionOf = ({ change }: Receipt): LogPosition => change.position;

/** Costs the smaller sets only: a change has one large set at the most. */
function sizeOfUnion(sets: readonly ReadonlySet<HostId>[]): number {
  const [largest, ...others] = sets.toSorted((one, other) => other.size - one.size);
  if (!largest) return 0;
  const more = new Set(others.flatMap((set) => [...set].filter((hostId) => !largest.has(hostId))));
  return largest.size + more.size;
}

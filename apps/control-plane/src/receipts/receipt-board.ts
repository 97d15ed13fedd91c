import type { HostId, LogPosition } from '#libs/domain';
import { chainText, type Broadcast } from '#libs/projections';
import type { HostReport } from '#libs/protocol';
import { chainOf } from '../distribution/chain-of.js';
import { firstAfter } from './first-after.js';
import { OpenReceipts } from './open-receipts.js';
import { positionOf, Receipt, type Change } from './receipt.js';
import { Receipts, type ReceiptSummary, type ReceiptView, type WaitedReceipt } from './receipts.js';

/** How far a host has come. It lags while a change waits for it longer than it should. */
export interface HostState {
  readonly state: 'enforced' | 'pending' | 'lagging' | 'degraded' | 'unknown';
  readonly lastReportAt?: string;
  /** Why its kernel refuses something, of a host that is degraded. */
  readonly reason?: string;
}

export interface ReceiptHorizon {
  /** Receipts that are kept with what is known of each host, and how many such outcomes in all. */
  readonly receipts: number;
  readonly outcomes: number;
  /** Summaries that are kept of older ones. */
  readonly summaries: number;
  /** A host that has not confirmed after so many milliseconds lags. */
  readonly laggingAfter: number;
}

export const DEFAULT_HORIZON: ReceiptHorizon = {
  receipts: 10_000,
  outcomes: 1_000_000,
  summaries: 100_000,
  laggingAfter: 1000,
};

const NAMED_HOSTS = 10;
/** Commands and notices that wait for a change to be enforced. */
const MOST_WAITING = 20_000;
/** At outcomes of hosts, in search of late ones: a few milliseconds' worth. */
const MOST_LOOKS = 50_000;

/** What has been heard of one host. */
interface Heard {
  /** In milliseconds since 1970. */
  lastReportAt: number;
  /** Up to where it has confirmed everything, and each chain. */
  upTo: LogPosition;
  readonly chains: Map<string, LogPosition>;
  /** Chains of which its kernel refuses something. */
  readonly refusals: Map<string, string>;
}

/** Which hosts have which change in the kernel. What opening a change costs does not depend on how many hosts there are. */
export class ReceiptBoard extends Receipts {
  readonly #horizon: ReceiptHorizon;
  /** By position, the oldest first. */
  readonly #receipts: Receipt[] = [];
  readonly #open = new OpenReceipts();
  readonly #summaries: ReceiptSummary[] = [];
  /** Changes of a chain that some host has not confirmed, the oldest first. */
  readonly #pendingOf = new Map<string, Receipt[]>();
  readonly #hosts = new Map<HostId, Heard>();
  readonly #listeners = new Set<Parameters<Receipts['follow']>[0]>();
  #outcomes = 0;
  #waiting = 0;

  constructor(horizon: ReceiptHorizon = DEFAULT_HORIZON) {
    super();
    this.#horizon = horizon;
  }

  /**
   * `began` is when the change arrived, by the same clock as `performance.now()`. Hosts that are late with one that is
   * not this control plane's own are left to the other for a while, by chance longer or shorter, so that only one reminds.
   */
  open(change: Change, broadcasts: readonly Broadcast[], began: number, isOwn = true): void {
    const patience = this.#horizon.laggingAfter * (isOwn ? 1 : 1.5 + Math.random());
    const receipt = new Receipt(change, broadcasts, began, began + patience);
    this.#receipts.push(receipt);
    this.#open.add(receipt);
    this.#outcomes += receipt.concerned;
    for (const { chain } of receipt.parts) this.#pendingOf.getOrInsertComputed(chain, () => []).push(receipt);
    this.#announce(receipt);
    this.#forgetOldest();
  }

  confirm(
    {
      hostId,
      enforced,
      upTo,
      refused = [],
    }: Pick<HostReport, 'hostId' | 'enforced' | 'upTo'> & Partial<Pick<HostReport, 'refused'>>,
    now: number,
  ): void {
    const heard = this.#heardOf(hostId);
    heard.lastReportAt = Date.now();
    for (const one of enforced)
      this.#confirmChain(hostId, heard, chainText(chainOf(hostId, one)), one.position, now);
    for (const { reason, ...one } of refused) {
      const chain = chainText(chainOf(hostId, one));
      heard.refusals.set(chain, reason);
      this.#each(chain, heard.chains.get(chain) ?? 0, one.position, (receipt) =>
        receipt.refuse(hostId, reason),
      );
    }
    if (upTo !== undefined) this.#confirmAll(hostId, heard, upTo, now);
  }

  /** Nobody waits for the host any more. */
  retire(hostId: HostId): void {
    this.#hosts.delete(hostId);
    for (const receipt of this.#open.after(0)) this.#change(receipt, () => receipt.retire(hostId));
  }

  stateOf(hostId: HostId, now = performance.now()): HostState {
    const heard = this.#hosts.get(hostId);
    if (!heard) return { state: 'unknown' };
    const lastReportAt = new Date(heard.lastReportAt).toISOString();
    const [reason] = heard.refusals.values();
    if (reason !== undefined) return { state: 'degraded', lastReportAt, reason };
    const oldest = this.#oldestAwaiting(hostId);
    if (!oldest) return { state: 'enforced', lastReportAt };
    const isLate = now - oldest.began > this.#horizon.laggingAfter;
    return { state: isLate ? 'lagging' : 'pending', lastReportAt };
  }

  /** Hosts to be reminded, with the first chain that each has not confirmed; in bounded time, so perhaps not all. */
  laggards(now: number): ReadonlyMap<HostId, string> {
    const found = new Map<HostId, string>();
    let looks = MOST_LOOKS;
    for (const receipt of this.#open.after(0)) {
      if (now - receipt.began <= this.#horizon.laggingAfter || looks <= 0) break;
      if (now <= receipt.lateFrom) continue;
      looks -= found.size;
      const isKnown = found.keys().filter((hostId) => receipt.awaits(hostId));
      if (isKnown.toArray().length >= receipt.concerned - receipt.enforced - receipt.retired) continue;
      looks -= receipt.concerned;
      for (const hostId of receipt.awaited()) {
        const part = receipt.parts.find(({ concerned }) => concerned.has(hostId));
        if (part && !found.has(hostId)) found.set(hostId, part.chain);
      }
    }
    return found;
  }

  override async wait(position: LogPosition, limitMilliseconds: number): Promise<WaitedReceipt> {
    const receipt = this.#receiptAt(position);
    if (!receipt) {
      const nothing = { first: position, position, time: '', requestId: '', concerned: 0, enforced: 0 };
      const summary = { ...nothing, refused: 0, retired: 0, p50: 0, p99: 0, last: 0 };
      return { ...summary, milliseconds: 0, ...named([]) };
    }
    await this.#settled(receipt, limitMilliseconds);
    const summary = summaryOf(receipt);
    const missing = receipt.laggards(performance.now(), this.#horizon.laggingAfter);
    const laggards = missing.take(NAMED_HOSTS).map(([hostId, laggard]) => ({ hostId, ...laggard }));
    return { ...summary, milliseconds: summary.last, ...named([...laggards]) };
  }

  override find(position: LogPosition): ReceiptView | undefined {
    const receipt = this.#receiptAt(position);
    if (!receipt) return commitAt(this.#summaries, position);
    const outcomes = receipt.hosts(performance.now(), this.#horizon.laggingAfter);
    return {
      ...summaryOf(receipt),
      hosts: [...outcomes].map(([hostId, outcome]) => ({ hostId, ...outcome })),
    };
  }

  override recent(
    count: number,
    isWanted: (change: Change) => boolean = () => true,
  ): readonly ReceiptSummary[] {
    const detailed = this.#receipts.toReversed().values();
    const wanted = detailed.filter(({ change }) => isWanted(change)).take(count);
    const newest = wanted.map(summaryOf).toArray();
    const older = this.#summaries.toReversed().values().filter(isWanted);
    return [...newest, ...older.take(count - newest.length)];
  }

  override follow(listener: Parameters<Receipts['follow']>[0]): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whoever comes when too many wait is told what is known by then, as at the limit. */
  async #settled(receipt: Receipt, limitMilliseconds: number): Promise<void> {
    if (this.#waiting >= MOST_WAITING) return;
    this.#waiting++;
    await receipt.settled(limitMilliseconds);
    this.#waiting--;
  }

  #heardOf(hostId: HostId): Heard {
    const heard = this.#hosts.get(hostId);
    if (heard) return heard;
    const first: Heard = { lastReportAt: Date.now(), upTo: 0, chains: new Map(), refusals: new Map() };
    this.#hosts.set(hostId, first);
    return first;
  }

  #confirmChain(hostId: HostId, heard: Heard, chain: string, position: LogPosition, now: number): void {
    heard.refusals.delete(chain);
    const from = heard.chains.get(chain) ?? 0;
    // An agent that begins anew counts from the beginning, which confirms nothing twice.
    heard.chains.set(chain, position);
    this.#each(chain, Math.min(from, position - 1), position, (receipt) =>
      receipt.confirm(hostId, chain, now),
    );
  }

  /** Of all that concerns the host, up to that position; what came before its last such report is confirmed already. */
  #confirmAll(hostId: HostId, heard: Heard, upTo: LogPosition, now: number): void {
    const from = Math.min(heard.upTo, upTo);
    heard.upTo = upTo;
    heard.refusals.clear();
    for (const receipt of this.#open.after(from)) {
      if (receipt.change.position > upTo) break;
      this.#change(receipt, () => receipt.confirm(hostId, undefined, now));
    }
  }

  /** Among the pending changes only: there are few, and hosts are asked after all together. */
  #oldestAwaiting(hostId: HostId): Receipt | undefined {
    let oldest: Receipt | undefined;
    for (const pending of this.#pendingOf.values())
      for (const receipt of pending)
        if (receipt.began < (oldest?.began ?? Infinity) && receipt.awaits(hostId)) oldest = receipt;
    return oldest;
  }

  /** Has a look at the chain's pending changes after one position up to another; the done ones go. */
  #each(chain: string, after: LogPosition, upTo: LogPosition, look: (receipt: Receipt) => void): void {
    const pending = this.#pendingOf.get(chain) ?? [];
    const positionIn = (receipt: Receipt): LogPosition =>
      receipt.parts.find((part) => part.chain === chain)?.position ?? 0;
    for (let index = firstAfter(pending, after, positionIn); index < pending.length; index++) {
      const receipt = pending[index];
      if (!receipt || positionIn(receipt) > upTo) break;
      this.#change(receipt, () => look(receipt));
    }
    this.#dropDone(chain, pending);
  }

  #dropDone(chain: string, pending: Receipt[]): void {
    const open = pending.findIndex((receipt) => !receipt.isDone);
    if (open === 0) return;
    if (open < 0) this.#pendingOf.delete(chain);
    else pending.splice(0, open);
  }

  #change(receipt: Receipt, change: () => void): void {
    const wasSettled = receipt.isSettled;
    change();
    if (!wasSettled && receipt.isSettled) this.#announce(receipt);
  }

  #announce(receipt: Receipt): void {
    if (this.#listeners.size === 0) return;
    const summary = summaryOf(receipt);
    for (const listen of this.#listeners) listen(summary, receipt.isSettled);
  }

  #receiptAt(position: LogPosition): Receipt | undefined {
    const receipt = this.#receipts[firstAfter(this.#receipts, position - 1, positionOf)];
    return receipt && receipt.change.first <= position ? receipt : undefined;
  }

  #forgetOldest(): void {
    const { receipts, outcomes, summaries } = this.#horizon;
    while (this.#receipts.length > receipts || (this.#outcomes > outcomes && this.#receipts.length > 1)) {
      const oldest = this.#receipts.shift();
      if (!oldest) return;
      this.#outcomes -= oldest.concerned;
      this.#open.forget(oldest);
      for (const { chain } of oldest.parts) {
        const pending = this.#pendingOf.get(chain);
        if (pending?.[0] === oldest) pending.shift();
        if (pending?.length === 0) this.#pendingOf.delete(chain);
      }
      this.#summaries.push(summaryOf(oldest));
    }
    // Many at a time: to take one from the front moves all the others.
    const surplus = this.#summaries.length - summaries;
    if (surplus > summaries / 10) this.#summaries.splice(0, surplus);
  }
}

const named = (laggards: WaitedReceipt['laggards']): Pick<WaitedReceipt, 'waitingFor' | 'laggards'> => ({
  waitingFor: laggards.map(({ hostId }) => hostId),
  laggards,
});

function commitAt(summaries: readonly ReceiptSummary[], position: LogPosition): ReceiptSummary | undefined {
  const found = summaries[firstAfter(summaries, position - 1, (one) => one.position)];
  return found && found.first <= position ? found : undefined;
}

function summaryOf(receipt: Receipt): ReceiptSummary {
  const times = receipt.times.toSorted((one, other) => one - other);
  const quantile = (q: number): number => times[Math.ceil(q * times.length) - 1] ?? 0;
  const { concerned, enforced, refused, retired } = receipt;
  const spread = { p50: quantile(0.5), p99: quantile(0.99), last: times.at(-1) ?? 0 };
  return { ...receipt.change, concerned, enforced, refused, retired, ...spread };
}

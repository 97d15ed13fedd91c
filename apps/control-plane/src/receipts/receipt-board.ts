import type { HostId, LogPosition } from '#libs/domain';
import { chainText, type Broadcast } from '#libs/projections';
import type { HostReport } from '#libs/protocol';
import { chainOf } from '../distribution/chain-of.js';
import { Receipts, type ReceiptSummary } from './receipts.js';

interface Receipt {
  readonly position: LogPosition;
  readonly began: number;
  readonly concerned: number;
  /** Chains that have not been confirmed, by host; each with its position. */
  readonly missing: Map<HostId, Map<string, LogPosition>>;
  milliseconds: number;
  readonly done: PromiseWithResolvers<void>;
}

/** How far a host has come. It lags while a change waits for it. */
export interface HostState {
  readonly state: 'enforced' | 'lagging' | 'unknown';
  readonly lastReportAt?: string;
}

const KEPT = 10_000;
const NAMED_LAGGARDS = 10;

/**
 * Which hosts have which change in the kernel. A change is enforced on a host when the host has confirmed every chain
 * of it that it follows. The newest changes are kept.
 */
export class ReceiptBoard extends Receipts {
  readonly #receipts = new Map<LogPosition, Receipt>();
  /** Changes that wait for a host to confirm a chain, by chain and the position that it must reach, in order. */
  readonly #waitingFor = new Map<HostId, Map<string, Map<LogPosition, Receipt>>>();
  readonly #lastReports = new Map<HostId, Date>();

  /** `began` is when the change was broadcast, by the same clock as `performance.now()`. */
  open(position: LogPosition, broadcasts: readonly Broadcast[], began: number): void {
    const missing: Receipt['missing'] = new Map();
    for (const { delta, concerned } of broadcasts) {
      for (const hostId of concerned)
        missing.getOrInsertComputed(hostId, () => new Map()).set(chainText(delta), delta.position);
    }
    const receipt = {
      position,
      began,
      concerned: missing.size,
      missing,
      milliseconds: 0,
      done: Promise.withResolvers<void>(),
    };
    for (const [hostId, chains] of missing) {
      const waiting = this.#waitingFor.getOrInsertComputed(hostId, () => new Map());
      for (const [chain, at] of chains) waiting.getOrInsertComputed(chain, () => new Map()).set(at, receipt);
    }
    if (missing.size === 0) receipt.done.resolve();
    this.#receipts.set(position, receipt);
    this.#forgetOldest();
  }

  confirm({ hostId, enforced, upTo }: Pick<HostReport, 'hostId' | 'enforced' | 'upTo'>, now: number): void {
    this.#lastReports.set(hostId, new Date());
    for (const confirmation of enforced)
      this.#settle(hostId, chainText(chainOf(hostId, confirmation)), confirmation.position, now);
    if (upTo === undefined) return;
    for (const chain of this.#waitingFor.get(hostId)?.keys() ?? []) this.#settle(hostId, chain, upTo, now);
  }

  /** The host has the chain's changes up to that position. */
  #settle(hostId: HostId, chain: string, upTo: LogPosition, now: number): void {
    for (const [position, receipt] of this.#waitingFor.get(hostId)?.get(chain) ?? []) {
      if (position > upTo) break;
      this.#forget(hostId, chain, position);
      const chains = receipt.missing.get(hostId);
      chains?.delete(chain);
      if (chains && chains.size > 0) continue;
      receipt.missing.delete(hostId);
      receipt.milliseconds = now - receipt.began;
      if (receipt.missing.size === 0) receipt.done.resolve();
    }
  }

  stateOf(hostId: HostId): HostState {
    const last = this.#lastReports.get(hostId);
    if (!last) return { state: 'unknown' };
    const isBehind = (this.#waitingFor.get(hostId)?.size ?? 0) > 0;
    return { state: isBehind ? 'lagging' : 'enforced', lastReportAt: last.toISOString() };
  }

  override async wait(position: LogPosition, limitMilliseconds: number): Promise<ReceiptSummary> {
    const receipt = this.#receipts.get(position);
    if (!receipt) return { position, concerned: 0, enforced: 0, milliseconds: 0, waitingFor: [] };
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, limitMilliseconds);
    await Promise.race([receipt.done.promise, limit.promise]);
    clearTimeout(timer);
    const { concerned, missing, milliseconds } = receipt;
    const waitingFor = missing.keys().take(NAMED_LAGGARDS).toArray();
    return { position, concerned, enforced: concerned - missing.size, milliseconds, waitingFor };
  }

  #forgetOldest(): void {
    if (this.#receipts.size <= KEPT) return;
    const oldest = this.#receipts.values().next().value;
    if (!oldest) return;
    this.#receipts.delete(oldest.position);
    for (const [hostId, chains] of oldest.missing)
      for (const [chain, position] of chains) this.#forget(hostId, chain, position);
  }

  /** What is left is what waits: nothing empty is kept. */
  #forget(hostId: HostId, chain: string, position: LogPosition): void {
    const waiting = this.#waitingFor.get(hostId);
    const changes = waiting?.get(chain);
    changes?.delete(position);
    if (changes?.size === 0) waiting?.delete(chain);
  }
}

import type { AccountKey } from './access-keys.js';

/** A bucket that refills `perSecond` up to `burst`; each request takes one out. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export type RequestKind = 'read' | 'change';

/** Absent means as fast as can be. */
export type Rates = Readonly<Partial<Record<RequestKind, Rate>>>;

interface Bucket {
  left: number;
  at: number;
}

/** Token buckets, one for each access key and kind of request, as EC2 throttles. */
export class Throttle {
  readonly #rates: Rates;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();

  /** `now` is in milliseconds, and never goes back. */
  constructor(rates: Rates, now: () => number) {
    this.#rates = rates;
    this.#now = now;
  }

  /** Whether one more may pass just now. Only verified keys are counted, so that there are few buckets. */
  admits({ accessKeyId }: Pick<AccountKey, 'accessKeyId'>, kind: RequestKind): boolean {
    const rate = this.#rates[kind];
    if (!rate) return true;
    const now = this.#now();
    const bucket = this.#buckets.getOrInsertComputed(`${kind} ${accessKeyId}`, () => ({
      left: rate.burst,
      at: now,
    }));
    bucket.left = Math.min(rate.burst, bucket.left + ((now - bucket.at) / 1000) * rate.perSecond);
    bucket.at = now;
    if (bucket.left < 1) return false;
    bucket.left -= 1;
    return true;
  }
}

export const requestKindOf = (action: string): RequestKind =>
  /^(?:Describe|Get)/.test(action) ? 'read' : 'change';

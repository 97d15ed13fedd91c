import { setTimeout as pauseFor } from 'node:timers/promises';
import { NotLeaderError, type KurrentDBClient } from '@kurrent/kurrentdb-client';
import { EventStoreError } from '../event-store.js';
import type { KurrentDbAddress } from './address.js';
import { isRefusal, reasonOf } from './failures.js';
import { Session } from './session.js';

/** How long to put up with a server, in milliseconds. */
export interface Patience {
  /** An answer that takes longer is not coming. The client takes half a second of its own before its first reading. */
  readonly answer: { readonly reading: number; readonly writing: number };
  /** After this, trying again is left to the caller. Longer than a cluster takes to elect a leader. */
  readonly tries: number;
  /**
   * A node that is cut off from its cluster stays silent and looks fine: when nothing was heard for this long, the
   * leader is looked for anew.
   */
  readonly silence: number;
}

export const PATIENCE: Patience = {
  answer: { reading: 10_000, writing: 10_000 },
  tries: 15_000,
  silence: 30_000,
};

const [FIRST_PAUSE, LONGEST_PAUSE] = [50, 1000];

/** Grows from one failure to the next, so that a server that comes back is not run down. */
export const pauseAfter = (failures: number): number => Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures);

/**
 * A session that is given up at a failure: whatever was wrong with it, the next one looks for the leader anew. Unless
 * it was told who that is.
 */
export class Connection {
  readonly address: KurrentDbAddress;
  readonly patience: Patience;
  readonly #closing = new AbortController();
  #session: Session | undefined;

  constructor(address: KurrentDbAddress, patience: Patience) {
    this.address = address;
    this.patience = patience;
  }

  /** Aborts when the store is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Does it again until it is known how it went. Of writing, a failure may be uncertain. */
  async persist<T>(doing: 'reading' | 'writing', work: (client: KurrentDBClient) => Promise<T>): Promise<T> {
    const start = performance.now();
    let isUncertain = false;
    for (let failures = 0; ; failures++) {
      this.guard();
      const session = (this.#session ??= new Session(this.address));
      try {
        return await within(session.run(work), this.patience.answer[doing], this.closing);
      } catch (error) {
        if (error instanceof EventStoreError) throw error;
        if (!(error instanceof NotLeaderError)) this.#giveUp(session);
        isUncertain ||= doing === 'writing' && !isRefusal(error);
        const pause = pauseAfter(failures);
        const isOver = performance.now() - start + pause > this.patience.tries || this.closing.aborted;
        if (isRefusal(error) || isOver)
          // Without the error as its cause: some of the client's errors hold the whole address.
          throw new EventStoreError(`${doing} the log ${this.address.name} failed: ${reasonOf(error)}`, {
            isUncertain,
          });
        await pauseFor(pause, undefined, { signal: this.closing }).catch(() => undefined);
      }
    }
  }

  guard(): void {
    if (this.closing.aborted) throw new EventStoreError('the event store is closed');
  }

  close(): void {
    this.#closing.abort();
    if (this.#session) this.#giveUp(this.#session);
  }

  #giveUp(session: Session): void {
    if (this.#session === session) this.#session = undefined;
    session.end();
  }
}

/** The client waits for ever for some answers. */
async function within<T>(work: Promise<T>, milliseconds: number, closing: AbortSignal): Promise<T> {
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => over.reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  const stop = (): void => over.reject(new Error('it was closed'));
  closing.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    clearTimeout(timer);
    closing.removeEventListener('abort', stop);
  }
}

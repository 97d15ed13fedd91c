import { setTimeout } from 'node:timers/promises';
import {
  AccessDeniedError,
  InvalidArgumentError,
  KurrentDBClient,
  MaxAppendSizeExceededError,
  NotLeaderError,
  StreamDeletedError,
} from '@kurrent/kurrentdb-client';
import { EventStoreError } from '../event-store.js';
import type { KurrentDbAddress } from './address.js';

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
  answer: { reading: 10_000, writing: 5000 },
  tries: 30_000,
  silence: 30_000,
};

const [FIRST_PAUSE, LONGEST_PAUSE] = [50, 1000];

/** Grows from one failure to the next, so that a server that comes back is not run down. */
export const pauseAfter = (failures: number): number => Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures);

/**
 * A client that is thrown away at a failure: whatever was wrong with it, the next one looks for the leader anew. Unless
 * it was told who that is.
 */
export class Connection {
  readonly #address: KurrentDbAddress;
  readonly patience: Patience;
  readonly #closing = new AbortController();
  #client: KurrentDBClient | undefined;

  constructor(address: KurrentDbAddress, patience: Patience) {
    this.#address = address;
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
      const client = (this.#client ??= connect(this.#address));
      try {
        return await within(work(client), this.patience.answer[doing], this.closing);
      } catch (error) {
        if (error instanceof EventStoreError) throw error;
        isUncertain ||= doing === 'writing' && !isRefusal(error);
        if (!(error instanceof NotLeaderError)) this.#replace(client);
        const pause = pauseAfter(failures);
        const isOver = performance.now() - start + pause > this.patience.tries || this.closing.aborted;
        if (isRefusal(error) || isOver) throw this.failed(doing, error, isUncertain);
        await setTimeout(pause, undefined, { signal: this.closing }).catch(() => undefined);
      }
    }
  }

  #replace(client: KurrentDBClient): void {
    if (this.#client === client) this.#client = undefined;
    discard(client);
  }

  guard(): void {
    if (this.closing.aborted) throw new EventStoreError('the event store is closed');
  }

  failed(doing: string, error: unknown, isUncertain = false): EventStoreError {
    // Without the error as its cause: some of the client's errors hold the whole address.
    return new EventStoreError(`${doing} the log ${this.#address.name} failed: ${reasonOf(error)}`, {
      isUncertain,
    });
  }

  close(): void {
    this.#closing.abort();
    if (this.#client) discard(this.#client);
    this.#client = undefined;
  }
}

export const connect = ({ connection }: KurrentDbAddress): KurrentDBClient =>
  KurrentDBClient.connectionString(connection);

/** Ends what a client has under way, and its connection, which it would keep for half an hour. */
export function discard(client: KurrentDBClient): void {
  const close = async (): Promise<void> => {
    await client.dispose();
    (await client['getChannel']()).close();
  };
  close().catch(() => undefined); // it had none
}

/** The client waits for ever for some answers. */
async function within<T>(work: Promise<T>, milliseconds: number, closing: AbortSignal): Promise<T> {
  const limit = AbortSignal.any([closing, AbortSignal.timeout(milliseconds)]);
  const over = Promise.withResolvers<never>();
  const stop = (): void =>
    over.reject(new Error(closing.aborted ? 'it was closed' : `no answer within ${milliseconds} ms`));
  limit.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, over.promise]);
  } finally {
    limit.removeEventListener('abort', stop);
  }
}

/** Answers that will be the same however often one asks, and leave nothing in the log. */
const isRefusal = (error: unknown): boolean =>
  error instanceof AccessDeniedError ||
  error instanceof MaxAppendSizeExceededError ||
  error instanceof StreamDeletedError ||
  error instanceof InvalidArgumentError;

function reasonOf(error: unknown): string {
  if (error instanceof AccessDeniedError)
    return 'KurrentDB denies access: check the user and password in its address, and what that user may do';
  if (error instanceof MaxAppendSizeExceededError)
    return `KurrentDB takes ${error.maxAppendSize} bytes at a time, and this is more: raise its KURRENTDB_MAX_APPEND_SIZE (up to 16777216)`;
  if (error instanceof StreamDeletedError) return 'its stream was deleted: use another one';
  const message = error instanceof Error ? error.message || error.name : String(error);
  return `${message}; see that KurrentDB is up, and can be reached from here by the name it tells of itself`;
}

import { chmod, open } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { LogPosition } from '#libs/domain';
import { EventStoreError, type AppendOutcome, type EventStore, type StoredRecord } from '../event-store.js';
import type { WorkerAnswer, WorkerRequest, WorkerSettings } from './messages.js';

/** So few that what one page is decoded to is garbage, or old, before the next collection has to copy it. */
const PAGE = 500;
/** Between two attempts to follow a file that can't be read at the moment. */
const RETRY_MS = 200;

type Ask = WorkerRequest extends infer Request
  ? Request extends WorkerRequest
    ? Omit<Request, 'id'>
    : never
  : never;

/**
 * The embedded store: one file, WAL, every commit synced before it is acknowledged. The file is made when missing,
 * readable by its owner only. Throws an EventStoreError when it can't be had.
 */
export async function openSqliteEventStore(file: string): Promise<EventStore> {
  const name = `sqlite:${file}`;
  const failed = (cause: unknown, isUncertain = false): EventStoreError =>
    new EventStoreError(
      `the log ${name} failed: ${messageOf(cause)}; see that the file's folder exists, is writable and has room`,
      { cause, isUncertain },
    );
  try {
    // Made here, so that it never was readable by others, not even for a moment.
    await (await open(file, 'a', 0o600)).close();
    await chmod(file, 0o600);
  } catch (error) {
    throw failed(error);
  }
  const worker = new SqliteWorker(file);
  await worker.ready.catch((error: unknown) => {
    throw failed(error);
  });
  const ask = (request: Ask): Promise<unknown> => {
    const wasOpen = !worker.hasEnded;
    return worker.ask(request).catch((error: unknown) => {
      throw failed(error, wasOpen && worker.hasEnded && request.ask === 'append');
    });
  };

  async function* pages(after: LogPosition, upTo: LogPosition): AsyncIterable<readonly StoredRecord[]> {
    const pageAfter = (position: LogPosition): Promise<readonly string[]> =>
      ask({ ask: 'page', after: position, upTo, limit: PAGE }) as Promise<readonly string[]>;
    let next = after < upTo ? pageAfter(after) : undefined;
    for (let position = after; next;) {
      const texts = await next;
      const first = position + 1;
      position += texts.length;
      // The thread reads on while this page is being worked through.
      next = texts.length > 0 && position < upTo ? pageAfter(position) : undefined;
      next?.catch(() => undefined); // told when it is awaited, if it ever is
      yield texts.map((text, index) => ({ position: first + index, text }));
    }
  }

  const own = new OwnStretch();
  // Asked for before each answer that must not be stale, so not in line behind what is being written. A lookup in what
  // the system has cached: some microseconds.
  const reader = new DatabaseSync(file, { readOnly: true });
  const newest = reader.prepare('SELECT coalesce(max(position), 0) AS "end" FROM events');
  const end = (): LogPosition => {
    try {
      return Number(newest.get()?.['end']);
    } catch (error) {
      throw failed(error);
    }
  };

  return {
    name,

    async append(expected, records) {
      const outcome = (await ask({ ask: 'append', expected, records })) as AppendOutcome;
      if (outcome.appended) own.add(expected, outcome.end);
      return outcome;
    },

    async *read(after) {
      yield* pages(after, end());
    },

    async *follow(after, signal) {
      signal.addEventListener('abort', () => void ask({ ask: 'wake' }).catch(() => undefined), {
        once: true,
      });
      for (let position = after; !signal.aborted;) {
        try {
          const end = (await ask({ ask: 'watch', after: position })) as LogPosition;
          position = own.skip(position);
          for await (const page of pages(position, end)) {
            if (signal.aborted) return;
            yield page;
            position += page.length;
          }
        } catch (error) {
          if (worker.hasEnded) throw error;
          await setTimeout(RETRY_MS);
        }
      }
    },

    async end() {
      return end();
    },

    async [Symbol.asyncDispose]() {
      if (reader.isOpen) reader.close();
      await worker.close();
    },
  };
}

/** The newest positions in a row that this process itself has filled: nobody follows those. */
class OwnStretch {
  #from = 0;
  #to = 0;

  add(from: LogPosition, to: LogPosition): void {
    if (from !== this.#to) this.#from = from;
    this.#to = to;
  }

  skip(position: LogPosition): LogPosition {
    return position >= this.#from && position < this.#to ? this.#to : position;
  }
}

/** Requests to the thread and their answers, matched by number. */
class SqliteWorker {
  /** Rejects when the file can't be opened. */
  readonly ready: Promise<unknown>;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;
  #ended: Error | undefined;

  constructor(file: string) {
    // Beside this file, in the same language: `.js` when built, `.ts` when tested.
    const script = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
    this.#worker = new Worker(script, { workerData: { file } satisfies WorkerSettings });
    const opened = Promise.withResolvers<unknown>();
    this.#waiting.set(0, opened);
    this.ready = opened.promise;
    this.#worker.on('message', (answer: WorkerAnswer) => this.#settle(answer));
    this.#worker.on('error', (error: unknown) =>
      this.#end(error instanceof Error ? error : new Error(String(error))),
    );
    this.#worker.on('exit', () => this.#end(new Error('the event store is closed')));
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  ask(request: Ask): Promise<unknown> {
    if (this.#ended) return Promise.reject(this.#ended);
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#waiting.set(id, answer);
    this.#worker.postMessage({ id, ...request });
    return answer.promise;
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    const exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    await this.ask({ ask: 'close' });
    this.#ended = new Error('the event store is closed');
    await exited;
  }

  #settle(answer: WorkerAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('error' in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.value);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

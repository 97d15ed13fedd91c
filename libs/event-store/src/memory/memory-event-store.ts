import type { LogPosition } from '#libs/domain';
import { EventStoreError, type AppendOutcome, type EventStore, type StoredRecord } from '../event-store.js';

const PAGE = 1000;

/** What stores opened on the same one share. */
export class MemoryLog {
  readonly texts: string[] = [];
  #changed = Promise.withResolvers<void>();

  /** Resolves at the next append, or when somebody is woken. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  append(records: readonly string[]): void {
    for (const record of records) this.texts.push(record);
    this.wake();
  }

  wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

/** For tests and trials: durable for as long as the process lives. */
export function openMemoryEventStore(log = new MemoryLog()): EventStore {
  const { texts } = log;
  let closed = false;

  const guard = (): void => {
    if (closed) throw new EventStoreError('the event store is closed');
  };

  async function* read(after: LogPosition): AsyncIterable<readonly StoredRecord[]> {
    guard();
    const end = texts.length;
    for (let from = after; from < end; from += PAGE) {
      const page = texts.slice(from, Math.min(from + PAGE, end));
      yield page.map((text, index) => ({ position: from + index + 1, text }));
    }
  }

  return {
    name: 'memory',

    async append(expected: LogPosition, records: readonly string[]): Promise<AppendOutcome> {
      await Promise.resolve(); // as a real store, never within the call
      guard();
      if (expected !== texts.length) return { appended: false, end: texts.length };
      log.append(records);
      return { appended: true, end: texts.length };
    },

    read,

    async *follow(after: LogPosition, signal: AbortSignal): AsyncIterable<readonly StoredRecord[]> {
      signal.addEventListener('abort', () => log.wake(), { once: true });
      for (let position = after; !signal.aborted;) {
        const { changed } = log;
        for await (const page of read(position)) {
          if (signal.aborted) return;
          yield page;
          position += page.length;
        }
        if (position >= texts.length) await changed;
      }
    },

    async end(): Promise<LogPosition> {
      guard();
      return texts.length;
    },

    async [Symbol.asyncDispose](): Promise<void> {
      closed = true;
      log.wake();
    },
  };
}

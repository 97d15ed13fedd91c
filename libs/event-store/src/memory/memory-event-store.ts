import type { LogPosition } from '#libs/domain';
import { EventStoreError, type AppendOutcome, type EventStore, type StoredRecord } from '../event-store.js';

const PAGE = 1000;

/** For tests and trials: durable for as long as the process lives. */
export function openMemoryEventStore(): EventStore {
  const texts: string[] = [];
  let closed = false;

  const guard = (): void => {
    if (closed) throw new EventStoreError('the event store is closed');
  };

  return {
    name: 'memory',

    async append(expected: LogPosition, records: readonly string[]): Promise<AppendOutcome> {
      await Promise.resolve(); // as a real store, never within the call
      guard();
      if (expected !== texts.length) return { appended: false, end: texts.length };
      for (const record of records) texts.push(record);
      return { appended: true, end: texts.length };
    },

    async *read(after: LogPosition): AsyncIterable<readonly StoredRecord[]> {
      guard();
      const end = texts.length;
      for (let from = after; from < end; from += PAGE) {
        const page = texts.slice(from, Math.min(from + PAGE, end));
        yield page.map((text, index) => ({ position: from + index + 1, text }));
      }
    },

    async end(): Promise<LogPosition> {
      guard();
      return texts.length;
    },

    async [Symbol.asyncDispose](): Promise<void> {
      closed = true;
    },
  };
}

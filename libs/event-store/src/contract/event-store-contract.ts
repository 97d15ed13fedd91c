import { describe, expect, it } from 'vitest';
import { EventStoreError, type EventStore, type StoredRecord } from '../event-store.js';

/** What every store promises. `open` gives an empty one each time. */
export function eventStoreContract(adapter: string, open: () => Promise<EventStore>): void {
  const everything = async (store: EventStore, after = 0): Promise<readonly StoredRecord[]> => {
    const records: StoredRecord[] = [];
    for await (const page of store.read(after)) records.push(...page);
    return records;
  };

  describe(`${adapter} keeps the EventStore contract`, () => {
    it('begins empty', async () => {
      await using store = await open();
      expect(await store.end()).toBe(0);
      expect(await everything(store)).toEqual([]);
    });

    it('gives positions from 1 on, in the order of the records', async () => {
      await using store = await open();
      expect(await store.append(0, ['a', 'b'])).toEqual({ appended: true, end: 2 });
      expect(await store.append(2, ['c'])).toEqual({ appended: true, end: 3 });
      expect(await everything(store)).toEqual([
        { position: 1, text: 'a' },
        { position: 2, text: 'b' },
        { position: 3, text: 'c' },
      ]);
    });

    it('appends nothing when the log does not end where expected, and says where it does', async () => {
      await using store = await open();
      await store.append(0, ['a']);
      expect(await store.append(0, ['b', 'c'])).toEqual({ appended: false, end: 1 });
      expect(await store.append(7, ['b'])).toEqual({ appended: false, end: 1 });
      expect(await everything(store)).toHaveLength(1);
    });

    it('lets exactly one of many racing writers win', async () => {
      await using store = await open();
      const outcomes = await Promise.all(['a', 'b', 'c', 'd'].map((text) => store.append(0, [text, text])));
      expect(outcomes.filter(({ appended }) => appended)).toHaveLength(1);
      const [first, second, ...rest] = await everything(store);
      expect(first?.text).toBe(second?.text);
      expect(rest).toEqual([]);
    });

    it('reads on from any position, over many pages', async () => {
      await using store = await open();
      const texts = Array.from({ length: 12_345 }, (_, index) => `record ${index + 1}`);
      await store.append(0, texts);
      const read = await everything(store, 3);
      expect(read.map(({ text }) => text)).toEqual(texts.slice(3));
      expect(read.every(({ position, text }) => text === `record ${position}`)).toBe(true);
    });

    it('gives back every text as it was', async () => {
      await using store = await open();
      const texts = ['', 'ünïcödé 🧱', '{"a":"\\u0000\\n"}', 'x'.repeat(2_000_000)];
      await store.append(0, texts);
      expect((await everything(store)).map(({ text }) => text)).toEqual(texts);
    });

    it('accepts an append of nothing', async () => {
      await using store = await open();
      expect(await store.append(0, [])).toEqual({ appended: true, end: 0 });
    });

    it('refuses everything once it is closed', async () => {
      const store = await open();
      await store[Symbol.asyncDispose]();
      await expect(store.append(0, ['a'])).rejects.toThrow(EventStoreError);
      await expect(store.end()).rejects.toThrow(EventStoreError);
      await store[Symbol.asyncDispose]();
    });
  });
}

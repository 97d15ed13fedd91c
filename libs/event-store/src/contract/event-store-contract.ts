import { describe, expect, it } from 'vitest';
import { EventStoreError, type EventStore, type StoredRecord } from '../event-store.js';

/** Each is something else once it was parsed and written again, or is no JSON at all. */
const ODD_TEXTS = [
  '',
  'ünïcödé 🧱',
  '\uFEFF\u2028',
  '{"a":"\\u0000\\n"}',
  '{"a":"\\u00e9\\/\\ud83e\\uddf1"}',
  '{"b":1,"a":2}',
  '{"2":0,"1":0}',
  '{"a":1.0,"b":1e3,"c":-0}',
  '{"a":1,"a":2}',
  '{ "spaced": true }',
  '{"__proto__":{"type":"X"}}',
  '[12345678901234567890]',
  'null',
  '"text"',
];

/** What every store promises. `newLog` begins an empty log, and gives what opens it, as often as is wished. */
export function eventStoreContract(adapter: string, newLog: () => Promise<() => Promise<EventStore>>): void {
  const open = async (): Promise<EventStore> => (await newLog())();
  const everything = async (store: EventStore, after = 0): Promise<readonly StoredRecord[]> => {
    const records: StoredRecord[] = [];
    for await (const page of store.read(after)) records.push(...page);
    return records;
  };

  /** The texts of as many records as are wanted, as they are followed. */
  const follow = async (store: EventStore, after: number, wanted: number): Promise<readonly string[]> => {
    const [stop, texts] = [new AbortController(), new Array<string>()];
    for await (const page of store.follow(after, stop.signal)) {
      expect(page.map(({ position }) => position)).toEqual(
        page.map((_, index) => after + texts.length + index + 1),
      );
      texts.push(...page.map(({ text }) => text));
      if (texts.length >= wanted) stop.abort();
    }
    return texts;
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
      const texts = [...ODD_TEXTS, 'x'.repeat(2_000_000)];
      await store.append(0, texts);
      expect((await everything(store)).map(({ text }) => text)).toEqual(texts);
    });

    it('accepts an append of nothing', async () => {
      await using store = await open();
      expect(await store.append(0, [])).toEqual({ appended: true, end: 0 });
    });

    it('lets several write to one log, one after the other', async () => {
      const openSame = await newLog();
      await using one = await openSame();
      await using other = await openSame();
      expect(await one.append(0, ['a'])).toEqual({ appended: true, end: 1 });
      expect(await other.append(0, ['b'])).toEqual({ appended: false, end: 1 });
      expect(await other.append(1, ['b'])).toEqual({ appended: true, end: 2 });
      expect((await everything(one)).map(({ text }) => text)).toEqual(['a', 'b']);
    });

    it('lets one follow what is there, and what others append', async () => {
      const openSame = await newLog();
      await using one = await openSame();
      await using other = await openSame();
      await using third = await openSame();
      await one.append(0, ['a', 'b']);
      const followed = [follow(third, 0, 4), follow(other, 1, 2), follow(third, 3, 1)];
      await one.append(2, ['c']);
      await one.append(3, ['d']);
      const [all, middle, last] = await Promise.all(followed);
      expect([all, middle?.slice(0, 2), last]).toEqual([['a', 'b', 'c', 'd'], ['b', 'c'], ['d']]);
    });

    it('lets one who appends itself follow what others append in between', async () => {
      const openSame = await newLog();
      await using one = await openSame();
      await using other = await openSame();
      const [stop, others] = [new AbortController(), new Array<StoredRecord>()];
      const following = (async () => {
        for await (const page of one.follow(0, stop.signal)) {
          others.push(...page.filter(({ text }) => text.startsWith('other')));
          if (others.length >= 5) stop.abort();
        }
      })();
      for (let end = 0; end < 20;) {
        end = (await one.append(end, ['own', 'own'])).end;
        end = (await one.append(end, ['own'])).end;
        end = (await other.append(end, ['other'])).end;
      }
      await following;
      expect(others.map(({ position }) => position)).toEqual([4, 8, 12, 16, 20]);
    });

    it('lets one follow a log that several write to at once, and leaves nothing out', async () => {
      const openSame = await newLog();
      await using reader = await openSame();
      const [writers, each] = [3, 40];
      const followed = follow(reader, 0, writers * each * 2);
      const write = async (name: number): Promise<void> => {
        await using store = await openSame();
        for (let n = 0; n < each;) {
          const records = [`${name}: ${n}`, `${name}: ${n}, still`];
          if ((await store.append(await store.end(), records)).appended) n++;
        }
      };
      await Promise.all(Array.from({ length: writers }, (_, name) => write(name)));
      expect(await followed).toEqual((await everything(reader)).map(({ text }) => text));
    });

    it('ends following when it is told to, though nothing is appended', async () => {
      await using store = await open();
      const stop = new AbortController();
      const pages = store.follow(0, stop.signal)[Symbol.asyncIterator]();
      const next = pages.next();
      stop.abort();
      expect(await next).toMatchObject({ done: true });
      expect(await store.follow(0, AbortSignal.abort())[Symbol.asyncIterator]().next()).toMatchObject({
        done: true,
      });
    });

    it('refuses everything once it is closed', async () => {
      const store = await open();
      await store[Symbol.asyncDispose]();
      await expect(store.append(0, ['a'])).rejects.toThrow(EventStoreError);
      await expect(store.end()).rejects.toThrow(EventStoreError);
      await expect(follow(store, 0, 1)).rejects.toThrow(EventStoreError);
      await store[Symbol.asyncDispose]();
    });
  });
}

import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { Command, RecordedEvent } from '#libs/domain';
import { EventStoreError, MemoryLog, openMemoryEventStore, type EventStore } from '#libs/event-store';
import { findBrokenLink } from '#libs/protocol';
import type { CommitListener } from './commit-listener.js';
import { CommandLog } from './command-log.js';
import { LogUnavailableError } from './log-unavailable-error.js';

const accountId = '111122223333' as never;
const request = { actor: { kind: 'system' }, requestId: 'test' } as const;
const openAccount: Command = {
  type: 'OpenAccount',
  accountId,
  vpcId: 'vpc-00000001' as never,
  defaultGroupId: 'sg-ffffffff' as never,
  ruleIds: ['sgr-fffffffa', 'sgr-fffffffb', 'sgr-fffffffc'] as never,
};
const create = (name: string): Command => ({
  type: 'CreateGroup',
  accountId,
  groupId: `sg-${name}` as never,
  name,
  description: 'test',
  ruleIds: [`sgr-a-${name}`, `sgr-b-${name}`] as never,
});
const remove = (name: string): Command => ({ type: 'DeleteGroup', accountId, group: { groupName: name } });
const names = (commits: readonly (readonly RecordedEvent[])[]): readonly string[] =>
  commits.flat().flatMap(({ event }) => (event.type === 'GroupCreated' ? event.name : []));

async function textsOf(store: EventStore): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const page of store.read(0)) texts.push(...page.map(({ text }) => text));
  return texts;
}

/** A store whose appends wait to be let through, or to fail. */
function gated(store: EventStore): {
  store: EventStore;
  gates: PromiseWithResolvers<void>[];
  sizes: number[];
} {
  const gates: PromiseWithResolvers<void>[] = [];
  const sizes: number[] = [];
  const append: EventStore['append'] = async (expected, records) => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    sizes.push(records.length);
    await gate.promise;
    return store.append(expected, records);
  };
  return { store: { ...store, append }, gates, sizes };
}

async function opened(inner: EventStore) {
  const first = await CommandLog.open(inner, []);
  await first.handle(openAccount, request);
  const gate = gated(inner);
  const shown: (readonly RecordedEvent[])[] = [];
  const log = await CommandLog.open(gate.store, [(commit) => shown.push(commit)]);
  shown.length = 0;
  return { ...gate, log, shown };
}

interface Shown {
  readonly events: readonly RecordedEvent[];
  readonly isOwn: boolean;
}

/** One of several on the same log. */
async function openOn(shared: MemoryLog, change: (store: EventStore) => EventStore = (store) => store) {
  const shown: Shown[] = [];
  const listen: CommitListener = (events, { isOwn }) => shown.push({ events, isOwn });
  return { log: await CommandLog.open(change(openMemoryEventStore(shared)), [listen]), shown };
}

/** What is followed comes in small pieces, which end within commits. */
const inPagesOf =
  (size: number) =>
  (store: EventStore): EventStore => ({
    ...store,
    async *follow(after, signal) {
      for await (const page of store.follow(after, signal))
        for (let from = 0; from < page.length; from += size) yield page.slice(from, from + size);
    },
  });

describe('the command log', () => {
  it('decides on what is still being written, and writes what came meanwhile as one batch', async () => {
    const { log, gates, sizes, shown } = await opened(openMemoryEventStore());
    const first = log.handle(create('a'), request);
    const rest = ['b', 'c', 'a'].map((name) => log.handle(create(name), request));
    expect(sizes).toEqual([3]);
    expect(shown).toEqual([]);
    gates[0]?.resolve();
    await first;
    gates[1]?.resolve();
    const outcomes = await Promise.all(rest);
    expect(sizes).toEqual([3, 6]);
    expect(outcomes.map(({ accepted }) => accepted)).toEqual([true, true, false]);
    expect(names(shown)).toEqual(['a', 'b', 'c']);
  });

  it('takes back what it decided on top of a write that failed, and goes on', async () => {
    const { log, gates, shown } = await opened(openMemoryEventStore());
    const all = ['a', 'b', 'a'].map((name) => log.handle(create(name), request));
    const settled = Promise.allSettled(all);
    gates[0]?.reject(new EventStoreError('disk full'));
    const results = await settled;
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(results[0]).toMatchObject({ reason: expect.any(LogUnavailableError) });
    expect(shown).toEqual([]);
    const again = log.handle(create('a'), request);
    gates[1]?.resolve();
    expect(await again).toMatchObject({ accepted: true });
  });

  it('decides anew what lost a race, so that of two equal wishes one is refused', async () => {
    const store = openMemoryEventStore();
    const shown: (readonly RecordedEvent[])[] = [];
    const one = await CommandLog.open(store, [(commit) => shown.push(commit)]);
    const other = await CommandLog.open(store, []);
    await one.handle(openAccount, request);
    const wishes = Array.from({ length: 40 }, (_, n) =>
      (n % 2 ? one : other).handle(create(`g${n >> 1}`), request),
    );
    const outcomes = await Promise.all(wishes);
    expect(outcomes.filter(({ accepted }) => accepted)).toHaveLength(20);
    const texts = await textsOf(store);
    expect(findBrokenLink(texts)).toBeUndefined();
    await one.handle(create('last'), request);
    expect(new Set(names(shown)).size).toBe(22); // the default group, the twenty, the last
    expect(names(shown)).toHaveLength(22);
  });

  describe('on a store that takes only so much at once', () => {
    /** Two groups with their rules, but not three. */
    const small = (): EventStore => ({ ...openMemoryEventStore(), maxAppendBytes: 3000 });

    it('writes what waits in several batches of whole commands', async () => {
      const inner = small();
      const { log, gates, sizes, shown } = await opened(inner);
      const all = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => log.handle(create(name), request));
      for (let n = 0; n < 4; n++) await vi.waitUntil(() => gates[n]).then((gate) => gate?.resolve());
      expect((await Promise.all(all)).every(({ accepted }) => accepted)).toBe(true);
      expect(sizes).toEqual([3, 6, 6, 3]);
      expect(names(shown)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
      expect(findBrokenLink(await textsOf(inner))).toBeUndefined();
    });

    it('takes back only what was not written yet when one of them fails', async () => {
      const { log, gates, shown } = await opened(small());
      const all = ['a', 'b', 'c', 'd', 'e'].map((name) => log.handle(create(name), request));
      const settled = Promise.allSettled(all);
      for (let n = 0; n < 2; n++) await vi.waitUntil(() => gates[n]).then((gate) => gate?.resolve());
      (await vi.waitUntil(() => gates[2])).reject(new EventStoreError('disk full'));
      expect((await settled).map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'fulfilled',
        'rejected',
        'rejected',
      ]);
      const again = ['a', 'c', 'd', 'e'].map((name) => log.handle(create(name), request));
      await vi.waitUntil(() => gates[3]).then((gate) => gate?.resolve());
      expect((await Promise.all(again)).map(({ accepted }) => accepted)).toEqual([false, false, true, true]);
      expect(names(shown)).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('turns away a command that would not fit, and no other', async () => {
      const store = openMemoryEventStore();
      await (await CommandLog.open(store, [])).handle(openAccount, request);
      const log = await CommandLog.open({ ...store, maxAppendBytes: 1400 }, []);
      const long = { ...create('large'), description: 'x'.repeat(255), name: 'y'.repeat(255) } as Command;
      const [large, other] = [log.handle(long, request), log.handle(create('small'), request)];
      await expect(large).rejects.toThrow('ask for less at a time');
      expect(await other).toMatchObject({ accepted: true });
      expect(findBrokenLink(await textsOf(store))).toBeUndefined();
    });
  });

  it('finds its state again when it is opened on the same log', async () => {
    const store = openMemoryEventStore();
    const log = await CommandLog.open(store, []);
    await log.handle(openAccount, request);
    await log.handle(create('a'), request);
    const again = await CommandLog.open(store, []);
    expect(await again.handle(create('a'), request)).toMatchObject({ refusal: { code: 'GroupNameTaken' } });
  });

  it('turns commands away rather than queue them without end', async () => {
    const { store, gates } = gated(openMemoryEventStore());
    const log = await CommandLog.open(store, [], { maxWaiting: 2 });
    const all = [1, 2, 3, 4].map(() => log.handle(openAccount, request));
    await expect(all[3]).rejects.toThrow(LogUnavailableError);
    gates[0]?.resolve();
    expect((await Promise.all(all.slice(0, 3))).every(({ accepted }) => accepted)).toBe(true);
  });

  it('decides on what others have done by then, also what it refuses', async () => {
    const shared = new MemoryLog();
    const [one, other] = [await openOn(shared), await openOn(shared)];
    await one.log.handle(openAccount, request);
    expect(await other.log.handle(create('a'), request)).toMatchObject({ accepted: true });
    expect(await one.log.handle(remove('a'), request)).toMatchObject({ accepted: true });
    expect(await other.log.handle(remove('a'), request)).toMatchObject({ refusal: { code: 'GroupUnknown' } });
  });

  it('takes in what others append, commit by commit, and says that it is theirs', async () => {
    const shared = new MemoryLog();
    const [one, other] = [await openOn(shared, inPagesOf(2)), await openOn(shared)];
    const stop = new AbortController();
    const following = one.log.follow(stop.signal);
    await other.log.handle(openAccount, request);
    await other.log.handle(create('a'), request);
    await one.log.handle(create('b'), request);
    await other.log.handle(create('c'), request);
    await one.log.catchUp();
    expect(one.shown.map(({ events, isOwn }) => [events.length, isOwn])).toEqual([
      [5, false],
      [3, false],
      [3, true],
      [3, false],
    ]);
    expect(one.shown.flatMap(({ events }) => events.map(({ position }) => position))).toEqual(
      shared.texts.map((_, index) => index + 1),
    );
    stop.abort();
    await following;
  });

  it('lets each of several that are busy have its turns', async () => {
    const shared = new MemoryLog();
    const slow = (milliseconds: number) => (store: EventStore) => ({
      ...store,
      append: async (...given: Parameters<EventStore['append']>) => {
        await sleep(milliseconds);
        return store.append(...given);
      },
    });
    const logs = await Promise.all([1, 2, 6].map((milliseconds) => openOn(shared, slow(milliseconds))));
    for (const { log } of logs)
      log.onLosing((milliseconds) => {
        for (const { log: other } of logs) if (other !== log) other.giveTurn(milliseconds);
      });
    await logs[0]?.log.handle(openAccount, request);
    const done = logs.map(() => 0);
    const busy = async (index: number): Promise<void> => {
      for (let n = 0; Math.max(...done) < 60; n++) {
        await logs[index]?.log.handle(create(`${index}-${n}`), request);
        done[index] = n + 1;
      }
    };
    await Promise.all(logs.map((_, index) => busy(index)));
    expect(Math.min(...done)).toBeGreaterThan(6);
    expect(findBrokenLink(shared.texts)).toBeUndefined();
  });

  describe('that is not told what became of an append', () => {
    type Append = EventStore['append'];
    const noAnswer = (): never => {
      throw new EventStoreError('there is no answer', { isUncertain: true });
    };
    /** The first append of a group called 'a' is as given. */
    const uncertain =
      (first: (append: Append, ...given: Parameters<Append>) => ReturnType<Append>) =>
      (store: EventStore): EventStore => {
        let isFirst = true;
        const append: Append = (expected, records) => {
          if (!isFirst || !records[0]?.includes('sg-a')) return store.append(expected, records);
          isFirst = false;
          return first((...given) => store.append(...given), expected, records);
        };
        return { ...store, append };
      };

    it('acknowledges what turns up', async () => {
      const shared = new MemoryLog();
      const { log, shown } = await openOn(
        shared,
        uncertain(async (append, ...given) => {
          await append(...given);
          return noAnswer();
        }),
      );
      await log.handle(openAccount, request);
      const outcomes = await Promise.all([create('a'), create('b')].map((one) => log.handle(one, request)));
      expect(outcomes).toMatchObject([
        { accepted: true, position: 8 },
        { accepted: true, position: 11 },
      ]);
      expect(shared.texts).toHaveLength(11);
      expect(shown.map(({ isOwn }) => isOwn)).toEqual([true, true, true]);
    });

    it('appends what did not', async () => {
      const shared = new MemoryLog();
      const { log } = await openOn(
        shared,
        uncertain(async () => noAnswer()),
      );
      await log.handle(openAccount, request);
      expect(await log.handle(create('a'), request)).toMatchObject({ accepted: true, position: 8 });
      expect(shared.texts).toHaveLength(8);
    });

    it('decides anew what no longer can', async () => {
      const shared = new MemoryLog();
      const other = await openOn(shared);
      await other.log.handle(openAccount, request);
      const { log } = await openOn(
        shared,
        uncertain(async () => {
          await other.log.handle(create('a'), request);
          return noAnswer();
        }),
      );
      expect(await log.handle(create('a'), request)).toMatchObject({ refusal: { code: 'GroupNameTaken' } });
      expect(shared.texts).toHaveLength(8);
    });

    it('says that it does not know, when it never learns', async () => {
      vi.useFakeTimers();
      const shared = new MemoryLog();
      const never = (store: EventStore): EventStore => ({ ...store, append: async () => noAnswer() });
      const { log } = await openOn(shared, never);
      const told = log.handle(openAccount, request).catch((error: Error) => error.message);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(await told).toContain('may or may not');
      vi.useRealTimers();
    });
  });
});

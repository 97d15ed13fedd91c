import { describe, expect, it } from 'vitest';
import type { Command, RecordedEvent } from '#libs/domain';
import { openMemoryEventStore, type EventStore } from '#libs/event-store';
import { findBrokenLink } from '#libs/protocol';
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
    gates[0]?.reject(new Error('disk full'));
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
});

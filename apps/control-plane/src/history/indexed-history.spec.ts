import { mkdtemp } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '#libs/domain';
import { openMemoryEventStore, type EventStore } from '#libs/event-store';
import { authorizeLine, Directory, explain, type Explanation } from '#libs/projections';
import { encodeRecordedEvent } from '#libs/protocol';
import {
  ACCOUNTS,
  openRandomCell,
  wishes,
  type RandomCell,
} from '../../../../libs/domain/src/testing/random-cell.js';
import { IndexedHistory } from './indexed-history.js';
import type { EventQuery } from './search.js';
import { touchesOf } from './touches.js';

const file = async (): Promise<string> =>
  join(await mkdtemp(join(tmpdir(), 'rampart-history-')), 'history.db');

function randomCell(seed: number, steps: number): RandomCell {
  const cell = openRandomCell();
  const [draw] = fc.sample(
    fc.array(fc.tuple(fc.constantFrom(...Object.values(wishes)), fc.nat(30), fc.nat(30)), {
      minLength: steps,
      maxLength: steps,
    }),
    { seed, numRuns: 1 },
  );
  for (const [wish, a, b] of draw ?? []) cell.wish((at) => wish(at, a, b));
  return cell;
}

async function storeOf(events: readonly RecordedEvent[]): Promise<EventStore> {
  const store = openMemoryEventStore();
  await store.append(await store.end(), events.map(encodeRecordedEvent));
  return store;
}

/** Follows all of the log. */
async function opened(store: EventStore, path: string): Promise<IndexedHistory> {
  const history = await IndexedHistory.open(path, store, console.warn);
  const end = await store.end();
  history.follow(() => end);
  await history.end();
  return history;
}

function shown(directory: Directory): unknown {
  const all = <Value>(listing: { of(accountId: never): IteratorObject<Value> }): Value[] => [
    ...listing.of(ACCOUNTS[0] as never),
  ];
  const { groups, rules, instances, prefixLists } = directory;
  return [
    all(groups),
    all(rules),
    all(instances),
    all(prefixLists),
    [...directory.hosts()].map(({ host }) => host),
  ];
}

/** What each direction says, by which rules, or what it lacks. */
const reasonsOf = ({ egress, ingress }: Explanation) =>
  [egress, ingress].map((judgement) => ({
    verdict: judgement.verdict,
    by: judgement.verdict === 'allowed' && judgement.by.map(({ view: { rule, since } }) => [rule, since]),
    near: judgement.verdict === 'denied' && judgement.missing.nearest.map(({ view }) => view.rule.ruleId),
    fix: judgement.verdict === 'denied' && authorizeLine(judgement.missing.permission),
  }));

const everything: EventQuery = { touching: [], after: 0, before: 1e9, order: 'oldest first', limit: 1e6 };

describe('the history', () => {
  it('shows an account at every position as the whole log up to there does', async () => {
    const { events } = randomCell(1, 300);
    await using history = await opened(await storeOf(events), await file());
    const directory = new Directory();
    for (const recorded of events) {
      directory.project(recorded);
      const past = await history.directoryAt(recorded.position, ACCOUNTS[0]);
      expect(shown(past)).toEqual(shown(directory));
    }
  });

  it('shows of the ends of a packet what the whole log does', async () => {
    const { events } = randomCell(2, 300);
    await using history = await opened(await storeOf(events), await file());
    const directory = new Directory();
    let compared = 0;
    for (const recorded of events) {
      directory.project(recorded);
      const [instance] = directory.instances
        .of(ACCOUNTS[0] as never)
        .filter(({ terminatedAt }) => !terminatedAt);
      if (!instance) continue;
      const slice = await history.sliceAt(recorded.position, [instance.instance.addresses[0]!]);
      expect(slice.instances.get(instance.instance.instanceId)?.instance).toEqual(instance.instance);
      for (const groupId of instance.instance.groupIds)
        expect([...(slice.groups.get(groupId)?.rules.keys() ?? [])]).toEqual([
          ...(directory.groups.get(groupId)?.rules.keys() ?? []),
        ]);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(20);
  });

  it('explains packets of the past as the whole log up to there does', async () => {
    const { events } = randomCell(4, 400);
    await using history = await opened(await storeOf(events), await file());
    const directory = new Directory();
    const verdicts = { allowed: 0, denied: 0, 'not asked': 0 };
    for (const recorded of events) {
      directory.project(recorded);
      const running = ACCOUNTS.flatMap((accountId) => [...directory.instances.of(accountId)])
        .filter(({ terminatedAt }) => terminatedAt === undefined)
        .map(({ instance }) => instance.addresses[0]!);
      const { position } = recorded;
      const [source, destination] = [1, 7].map((stride) => running[(position * stride) % running.length]);
      if (!source || !destination) continue;
      const packet = { source, destination, flow: { protocol: 6, port: position % 35 } };
      const slice = await history.sliceAt(position, [source, destination]);
      const told = reasonsOf(explain(directory, packet));
      expect(reasonsOf(explain(slice, packet))).toEqual(told);
      for (const { verdict } of told) verdicts[verdict] += 1;
    }
    expect(Math.min(verdicts.allowed, verdicts.denied)).toBeGreaterThan(20);
  });

  it('finds events by all that they touch, either way round, page by page', async () => {
    const { events } = randomCell(3, 200);
    await using history = await opened(await storeOf(events), await file());
    for (const thing of new Set(events.flatMap(touchesOf))) {
      const touching = [thing, 'type RuleAuthorized'];
      const wanted = events.filter((one) => touching.every((each) => touchesOf(one).includes(each)));
      expect(await history.events({ ...everything, touching })).toEqual(wanted);
      const newest = await history.events({ ...everything, touching, order: 'newest first', limit: 2 });
      expect(newest).toEqual(wanted.toReversed().slice(0, 2));
      const before = newest.at(-1)?.position ?? 1;
      const next = await history.events({ ...everything, touching, order: 'newest first', limit: 2, before });
      expect(next).toEqual(wanted.toReversed().slice(newest.length, newest.length + 2));
    }
  });

  it('finds the position of a time, whatever the clock did', async () => {
    const { events } = randomCell(4, 20);
    const odd = events.map((one, index) => ({
      ...one,
      time: new Date(1000 * (index === 5 ? 3 : index)).toISOString(),
    }));
    await using history = await opened(await storeOf(odd), await file());
    const positionAt = (text: string) => history.positionAt({ field: 'since', text });
    expect(await positionAt('1970-01-01T00:00:04.500Z')).toBe(6); // the sixth came later, whatever it says
    expect(await positionAt('1969-12-31')).toBe(0);
    for (const ago of ['1s', '2w']) expect(await positionAt(ago)).toBe(events.length);
    await expect(positionAt('999999')).rejects.toThrow("since '999999' is yet to come");
    await expect(positionAt('9999-12-31')).rejects.toThrow("since '9999-12-31' is yet to come");
    await expect(positionAt('soon')).rejects.toThrow("since 'soon' is no moment");
  });

  it('begins again where it ended, and anew on another log or a damaged file', async () => {
    const { events } = randomCell(5, 200);
    const path = await file();
    const store = await storeOf(events.slice(0, -20));
    await (await opened(store, path))[Symbol.asyncDispose]();
    await store.append(await store.end(), events.slice(-20).map(encodeRecordedEvent));
    {
      await using again = await IndexedHistory.open(path, store, console.warn);
      const start = await again.startingPoint();
      expect(start?.end.position).toBe(events.length - 20);
      const matter = (await Array.fromAsync(start?.events ?? [])).flat();
      expect(matter.length).toBeLessThan(events.length - 20);
      again.follow(() => events.length);
      expect(await again.events(everything)).toEqual(events);
    }
    {
      await using other = await opened(await storeOf(randomCell(6, 50).events), path);
      expect(await other.events(everything)).toEqual(randomCell(6, 50).events);
    }
    const database = new DatabaseSync(path);
    database.exec(`UPDATE event SET record = replace(record, 'default', 'altered') WHERE position = 2`);
    database.close();
    await using mended = await IndexedHistory.open(path, store, console.warn);
    expect(await mended.startingPoint()).toBeUndefined();
  });
});

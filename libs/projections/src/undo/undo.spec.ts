import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permissionKey, type RecordedEvent } from '#libs/domain';
import {
  ACCOUNTS,
  openRandomCell,
  wishes,
  type RandomCell,
} from '../../../domain/src/testing/random-cell.js';
import { Directory } from '../directory/directory.js';
import type { NewIds } from './again.js';
import { changesRestoring } from './restore.js';
import { changesUndoing } from './revert.js';

const directoryOf = (events: readonly RecordedEvent[]): Directory => {
  const directory = new Directory();
  for (const recorded of events) directory.project(recorded);
  return directory;
};

const sorted = (texts: string[]): string[] => texts.sort((one, other) => one.localeCompare(other));

/** Everything of an account but ids: what it permits, with words and tags. */
function meaning(directory: Directory, accountId: string, earlier = directory): unknown {
  const nameIn = (one: Directory, id: string): string | undefined => one.groups.get(id as never)?.name;
  const peerOf = (id: string): string => nameIn(directory, id) ?? nameIn(earlier, id) ?? id;
  return [...directory.groups.of(accountId as never)]
    .map(({ name, description, tags, rules }) => ({
      name,
      description,
      tags: sorted([...tags].map(([key, value]) => `${key}=${value}`)),
      rules: sorted(
        [...rules.values()].map(({ rule, tags: own }) =>
          JSON.stringify([
            permissionKey(rule).replaceAll(/sg-[0-9a-f]+/g, peerOf),
            rule.description,
            [...own],
          ]),
        ),
      ),
    }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

const idsOf = (cell: RandomCell): NewIds => ({
  rule: () => cell.newId('sgr') as never,
  group: () => cell.newId('sg') as never,
});
const steps = fc.array(fc.tuple(fc.constantFrom(...Object.values(wishes)), fc.nat(30), fc.nat(30)), {
  minLength: 40,
  maxLength: 100,
});
function lived(walk: readonly (readonly [(typeof wishes)[string], number, number])[]): RandomCell {
  const cell = openRandomCell();
  for (const [wish, a, b] of walk) cell.wish((at) => wish(at, a, b));
  return cell;
}

describe('a change', () => {
  it('that is undone at once leaves what was before', () => {
    let undone = 0;
    fc.assert(
      fc.property(steps, (walk) => {
        const cell = lived(walk);
        const last = cell.events.at(-1)?.requestId;
        const commit = cell.events.filter(({ requestId }) => requestId === last);
        const before = directoryOf(cell.events.filter(({ requestId }) => requestId !== last));
        const undoing = changesUndoing(
          commit.map(({ event }) => event),
          before,
          directoryOf(cell.events),
          idsOf(cell),
        );
        const [{ event } = { event: undefined }] = commit;
        if (!event || !('accountId' in event) || !undoing.possible) return;
        const { accountId } = event;
        const length = cell.events.length;
        if (undoing.changes.length > 0)
          cell.wish(() => ({ type: 'ApplyChangeSet', accountId, changes: undoing.changes }));
        if (cell.events.length === length && undoing.changes.length > 0) return; // refused, with the decider's reason
        expect(meaning(directoryOf(cell.events), accountId)).toEqual(meaning(before, accountId));
        undone += 1;
      }),
      { numRuns: 300 },
    );
    expect(undone).toBeGreaterThan(100);
  });

  it('that others built upon is not undone', () => {
    const cell = openRandomCell();
    const wish = (name: string, a: number, b = 0): readonly RecordedEvent[] => {
      const from = cell.events.length;
      cell.wish((at) => wishes[name]?.(at, a, b) ?? {});
      return cell.events.slice(from);
    };
    const created = wish('create', 0);
    const authorized = wish('authorize', 2);
    expect(authorized).toHaveLength(1);
    const before = directoryOf(
      cell.events.filter((one) => !created.includes(one) && !authorized.includes(one)),
    );
    const undoing = changesUndoing(
      created.map(({ event }) => event),
      before,
      directoryOf(cell.events),
      idsOf(cell),
    );
    expect(undoing).toMatchObject({
      possible: false,
      reason: expect.stringContaining('came since') as string,
    });
  });
});

describe('a group', () => {
  it('is restored to what it was at any moment, when the present allows it', () => {
    let restored = 0;
    fc.assert(
      fc.property(steps, fc.nat(1000), fc.nat(30), (walk, place, choice) => {
        const cell = lived(walk);
        const then = directoryOf(cell.events.slice(0, 1 + (place % cell.events.length)));
        const all = ACCOUNTS.flatMap((accountId) => [...then.groups.of(accountId as never)]);
        const was = all[choice % Math.max(1, all.length)];
        if (!was) return;
        const changes = changesRestoring(was, directoryOf(cell.events).groups.get(was.groupId), idsOf(cell));
        const length = cell.events.length;
        if (changes.length > 0)
          cell.wish(() => ({ type: 'ApplyChangeSet', accountId: was.accountId, changes }));
        if (cell.events.length === length && changes.length > 0) return;
        const find = (directory: Directory): unknown =>
          (meaning(directory, was.accountId, then) as { name: string }[]).find(
            ({ name }) => name === was.name,
          );
        expect(find(directoryOf(cell.events))).toEqual(find(then));
        restored += 1;
      }),
      { numRuns: 300 },
    );
    expect(restored).toBeGreaterThan(100);
  });
});

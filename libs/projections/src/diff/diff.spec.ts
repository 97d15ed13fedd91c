import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permissionKey, type RecordedEvent } from '#libs/domain';
import { Directory } from '../directory/directory.js';
import { ACCOUNTS, openRandomCell, steps } from '../../../domain/src/testing/random-cell.js';
import { Causes } from './causes.js';
import type { Change } from './change.js';
import { diff } from './diff.js';
import type { Scope } from './scope.js';

const directoryOf = (events: readonly RecordedEvent[]): Directory => {
  const directory = new Directory();
  for (const event of events) directory.project(event);
  return directory;
};

const [accountId] = ACCOUNTS as [Scope['accountId']];
const histories = fc.record({ all: steps(60, 200), from: fc.nat(100), to: fc.nat(100) });

/** A history cut in two at any place. */
function moments({ all, from, to }: { all: Parameters<typeof openRandomCell>[0]; from: number; to: number }) {
  const { events } = openRandomCell(all);
  const [first, last] = [from, to]
    .map((part) => Math.round((events.length * part) / 100))
    .sort((a, b) => a - b);
  const between = events.slice(first, last);
  return { between, before: directoryOf(events.slice(0, first)), after: directoryOf(events.slice(0, last)) };
}

/** All that permits something, in words: rules, members of groups, blocks of lists. */
function permitted(directory: Directory): Set<string> {
  const rules = [...directory.rules.of(accountId)].map(
    ({ rule }) => `${rule.groupId} ${permissionKey(rule)}`,
  );
  const members = [...directory.instances.of(accountId)]
    .filter(({ terminatedAt }) => terminatedAt === undefined)
    .flatMap(({ instance }) => instance.groupIds.map((groupId) => `${groupId} ${instance.addresses.join()}`));
  const blocks = [...directory.prefixLists.of(accountId)].flatMap(({ prefixListId, entries }) =>
    [...entries.keys()].map((cidr) => `${prefixListId} ${cidr}`),
  );
  return new Set([...rules, ...members, ...blocks]);
}

/** The same words of what a change opens or closes. */
function atomsOf(change: Change): readonly string[] {
  switch (change.kind) {
    case 'rule':
      return [`${change.view.rule.groupId} ${permissionKey(change.view.rule)}`];
    case 'instance': {
      const { groupIds, addresses } = change.view.instance;
      return groupIds.map((groupId) => `${groupId} ${addresses.join()}`);
    }
    case 'block':
      return [`${change.list.prefixListId} ${change.cidr}`];
    case 'prefix-list':
      return [...change.list.entries.keys()].map((cidr) => `${change.list.prefixListId} ${cidr}`);
    case 'group':
    case 'label':
      return [];
  }
}

const OPENING = ['opened', 'launched', 'added', 'created'];

describe('diff', () => {
  it('applied to what was permitted before, leads to what is permitted after', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(histories, (history) => {
        const { before, after } = moments(history);
        const atoms = permitted(before);
        const changes = diff(before, after, { accountId });
        for (const change of changes.filter(({ effect }) => !OPENING.includes(effect)))
          for (const atom of atomsOf(change)) expect(atoms.delete(atom)).toBe(true);
        for (const change of changes.filter(({ effect }) => OPENING.includes(effect)))
          for (const atom of atomsOf(change)) atoms.add(atom);
        expect(atoms).toEqual(permitted(after));
        for (const { kind } of changes) seen.set(kind, (seen.get(kind) ?? 0) + 1);
      }),
      { numRuns: 300 },
    );
    expect([...seen.values()].filter((count) => count > 2)).toHaveLength(6); // every kind, or this would say little
  });

  it('finds for every change the event between the moments that made it', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { before, after, between } = moments(history);
        const changes = diff(before, after, { accountId });
        const causes = new Causes(changes);
        for (const recorded of between.toReversed()) causes.take(recorded);
        expect(changes.filter((change) => !causes.of(change))).toEqual([]);
        expect(causes.isComplete).toBe(true);
        for (const change of changes)
          if (change.kind === 'rule' && change.effect === 'opened')
            expect(causes.of(change)?.position).toBe(change.view.since);
      }),
      { numRuns: 150 },
    );
  });

  it('tells of one group or one instance a part of what it tells of the account', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { before, after } = moments(history);
        const all = diff(before, after, { accountId }).map(wordsOf);
        const groups = [...after.groups.of(accountId)].map(({ groupId }) => groupId);
        const instances = [...after.instances.of(accountId)].map(({ instance }) => instance.instanceId);
        for (const only of [...groups, ...instances]) {
          const part = diff(before, after, { accountId, only });
          expect(new Set(all).isSupersetOf(new Set(part.map(wordsOf)))).toBe(true);
          for (const change of part)
            if (change.kind === 'rule' && only.startsWith('sg-')) expect(change.group.groupId).toBe(only);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is empty between a moment and itself, and the other way round the opposite', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { before, after } = moments(history);
        expect(diff(after, after, { accountId })).toEqual([]);
        const [there, back] = [diff(before, after, { accountId }), diff(after, before, { accountId })];
        expect(back).toHaveLength(there.length);
      }),
      { numRuns: 50 },
    );
  });
});

const wordsOf = (change: Change): string =>
  change.kind === 'label'
    ? JSON.stringify(change)
    : `${change.kind} ${change.effect} ${change.kind === 'group' ? change.group.groupId : atomsOf(change).join()}`;

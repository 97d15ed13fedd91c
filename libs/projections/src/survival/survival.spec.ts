import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fold,
  initialCellState,
  REMEMBERED_TERMINATED,
  type CellState,
  type RecordedEvent,
} from '#libs/domain';
import { ACCOUNTS, HOSTS, openRandomCell, steps, wishes } from '../../../domain/src/testing/random-cell.js';
import { Directory } from '../directory/directory.js';
import { Distribution } from '../distribution/distribution.js';
import { Marks } from './marks.js';
import { Survival } from './survival.js';

/** The events that matter after all of these, and what they don't tell. */
function shortened(events: readonly RecordedEvent[]): {
  readonly short: readonly RecordedEvent[];
  readonly marks: Marks;
} {
  const [survival, marks, gone] = [new Survival(), new Marks(), new Set<number>()];
  for (const recorded of events) {
    marks.take(recorded);
    for (const { owner, positions } of survival.take(recorded)) {
      marks.release(owner);
      for (const position of positions) gone.add(position);
    }
  }
  return {
    short: events.filter(({ position }) => !gone.has(position)),
    marks: new Marks(JSON.parse(JSON.stringify(marks.stored))),
  };
}

/** Everything that can be seen of what events lead to. */
function picture(events: readonly RecordedEvent[], marks?: Marks): unknown {
  const state = initialCellState();
  const [directory, distribution] = [new Directory(), new Distribution()];
  for (const recorded of events) {
    fold(state, recorded);
    directory.project(recorded);
    distribution.fold(recorded);
  }
  if (marks) {
    marks.restoreTo(state);
    distribution.restore(marks.places);
  }
  const all = <Value>(listing: { of(accountId: never): IteratorObject<Value> }): Value[] =>
    ACCOUNTS.flatMap((accountId) => [...listing.of(accountId as never)]);
  return {
    state: plain(state),
    groups: all(directory.groups),
    rules: all(directory.rules),
    instances: all(directory.instances),
    lists: all(directory.prefixLists),
    hosts: [...directory.hosts()],
    heads: [...distribution.heads()],
    closures: HOSTS.filter((host) => distribution.knowsHost(host as never)).map((host) =>
      distribution.closureOf(host as never),
    ),
  };
}

/** Sets of rules hide what they hold from comparison. */
const plain = (state: CellState): object => ({
  ...state,
  groups: [...state.groups.values()].map((group) => ({ ...group, rules: [...group.rules] })),
  order: [state.instances, state.rules, state.terminated, state.clientTokens].map((map) => [
    ...(map as ReadonlyMap<string, unknown>).keys(),
  ]),
});

describe('survival', () => {
  it('keeps what leads to the same as all that ever happened', () => {
    fc.assert(
      fc.property(steps(60, 200), (all) => {
        const history = openRandomCell(all);
        const { short, marks } = shortened(history.events);
        expect(picture(short, marks)).toEqual(picture(history.events));
      }),
      { numRuns: 200 },
    );
  });

  it('lets go of what is closed, deleted and terminated', () => {
    const history = openRandomCell();
    const before = history.events.length;
    const wish = (name: string, a: number, b = 0): void =>
      history.wish((at) => wishes[name]?.(at, a, b) ?? {});
    wish('create', 0);
    wish('tag', 2, 1);
    wish('authorize', 2, 0);
    wish('delete', 2);
    expect(history.events.length).toBeGreaterThan(before + 8);
    expect(shortened(history.events).short).toHaveLength(before);
  });

  it('lets go of terminated instances when they are shown no more', { timeout: 60_000 }, () => {
    const history = openRandomCell();
    history.wish(() => ({ type: 'EnrollHost', hostId: 'host-1', ranges: ['10.0.0.0/16'] }));
    for (let number = 0; number < REMEMBERED_TERMINATED + 5; number++) {
      history.wish((at) => wishes['launch']?.(at, 0, 2) ?? {});
      history.wish((at) => wishes['terminate']?.(at, 0, 0) ?? {});
    }
    const { short, marks } = shortened(history.events);
    expect(history.events.length - short.length).toBe(10);
    expect(picture(short, marks)).toEqual(picture(history.events));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decide,
  fold,
  initialCellState,
  UndoLog,
  type ApplyChangeSet,
  type CellState,
  type Change,
  type Command,
  type Decision,
  type GroupState,
} from '../index.js';

const accountId = '111122223333' as never;
const NAMES = ['web', 'app', 'db', 'new'];
const idOf = (prefix: string, n: number): never => `${prefix}-${n.toString(16).padStart(8, '0')}` as never;
const groupIdOf = (name: string): never => idOf('sg', 1 + NAMES.indexOf(name));

const create = (name: string): Change => ({
  type: 'CreateGroup',
  accountId,
  groupId: groupIdOf(name),
  name,
  description: name,
  ruleIds: [idOf('sgr', 900 + NAMES.indexOf(name)), idOf('sgr', 910 + NAMES.indexOf(name))],
});
const permission = (port: number, from?: string) => ({
  traffic: { kind: 'ports', protocol: 6, from: port, to: port } as const,
  peer: from
    ? ({ kind: 'group', accountId, group: { groupName: from } } as const)
    : ({ kind: 'cidr', cidr: '0.0.0.0/0' as never } as const),
});
const of = (name: string) => ({ accountId, group: { groupName: name } });
const authorize = (name: string, n: number, port = 80, from?: string): Change => ({
  type: 'AuthorizeRules',
  ...of(name),
  direction: 'ingress',
  rules: [{ ruleId: idOf('sgr', n), ...permission(port, from) }],
});
const revoke = (name: string, port = 80, from?: string): Change => ({
  type: 'RevokeRules',
  ...of(name),
  direction: 'ingress',
  permissions: [permission(port, from)],
  ruleIds: [],
});
const describeRule = (name: string, n: number, description: string): Change => ({
  type: 'ChangeRuleDescriptions',
  ...of(name),
  direction: 'ingress',
  rules: [{ ruleId: idOf('sgr', n), description }],
});
const remove = (name: string): Change => ({ type: 'DeleteGroup', ...of(name) });
const tag = (name: string, value: string): Change => ({
  type: 'ChangeTags',
  accountId,
  resourceIds: [groupIdOf(name)],
  set: [{ key: 'k', value }],
  remove: [],
});
const set = (changes: readonly Change[], expected?: number): ApplyChangeSet => ({
  type: 'ApplyChangeSet',
  accountId,
  changes,
  ...(expected === undefined ? {} : { expected }),
});

/** A cell, and its log as far as it has come. */
class Cell {
  readonly state: CellState;
  position = 0;

  constructor(undo?: UndoLog) {
    this.state = initialCellState(undo);
    const ruleIds = [idOf('sgr', 920), idOf('sgr', 921), idOf('sgr', 922)] as const;
    this.execute({
      type: 'OpenAccount',
      accountId,
      vpcId: idOf('vpc', 1),
      defaultGroupId: idOf('sg', 99),
      ruleIds,
    });
    for (const name of ['web', 'app', 'db']) this.execute(create(name));
  }

  execute(command: Command): Decision {
    const decision = decide(command, this.state);
    if (decision.accepted)
      for (const event of decision.events) fold(this.state, { event, position: ++this.position });
    return decision;
  }

  /** All that the state says, in a fixed order. */
  get contents(): unknown {
    const rulesOf = (group: GroupState) =>
      [...group.rules].toSorted((one, other) => (one.ruleId < other.ruleId ? -1 : 1));
    const groups = new Map(
      this.state.groups.entries().map(([groupId, group]) => [groupId, { ...group, rules: rulesOf(group) }]),
    );
    return structuredClone({ ...this.state, undo: undefined, groups });
  }
}

describe('a change set', () => {
  it('changes several groups, each change on what those before it leave', () => {
    const cell = new Cell();
    const changes = [
      create('new'),
      authorize('new', 1, 443),
      authorize('web', 2, 80, 'new'),
      tag('new', 'v'),
    ];
    expect(cell.execute(set(changes))).toMatchObject({
      events: [
        { type: 'GroupCreated' },
        { type: 'RuleAuthorized' },
        { type: 'RuleAuthorized' },
        { type: 'RuleAuthorized', rule: { ruleId: idOf('sgr', 1) } },
        { type: 'RuleAuthorized', rule: { peer: { groupId: groupIdOf('new') } } },
        { type: 'TagsChanged' },
      ],
    });
  });

  it('says which change is refused and why, and leaves no trace', () => {
    const undo = new UndoLog();
    const cell = new Cell(undo);
    const [before, mark] = [cell.contents, undo.mark];
    const changes = [create('new'), authorize('web', 1, 80, 'new'), remove('new')];
    expect(cell.execute(set(changes))).toMatchObject({ index: 2, refusal: { code: 'GroupInUse' } });
    expect(cell.contents).toEqual(before);
    expect(undo.mark).toBe(mark);
  });

  it('is refused when one of its groups was changed since, and only then', () => {
    const cell = new Cell();
    const seen = cell.position;
    cell.execute(tag('app', 'v'));
    cell.execute(authorize('db', 1));
    const refusal = { code: 'ChangedSince', name: 'db', expected: seen, changedAt: seen + 2 };
    expect(cell.execute(set([authorize('app', 2), revoke('db')], seen))).toMatchObject({ index: 1, refusal });
    expect(cell.execute(set([authorize('app', 2)], seen)).accepted).toBe(true);
    expect(cell.execute(set([create('new'), revoke('db')], cell.position)).accepted).toBe(true);
  });

  it('knows a group that was made anew under the name of one that is gone', () => {
    const cell = new Cell();
    const seen = cell.position;
    cell.execute(remove('db'));
    cell.execute({
      ...create('db'),
      groupId: idOf('sg', 77),
      ruleIds: [idOf('sgr', 71), idOf('sgr', 72)],
    } as never);
    expect(cell.execute(set([authorize('db', 1)], seen))).toMatchObject({
      refusal: { code: 'ChangedSince' },
    });
  });
});

const name = fc.constantFrom(...NAMES);
const port = fc.integer({ min: 1, max: 3 });
const peer = fc.option(name, { nil: undefined });
let last = 0;
const change: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(name, port, peer)
    .map(([group, at, from]) => authorize(group, (last = (last % 800) + 1), at, from)),
  fc.tuple(name, port, peer).map(([group, at, from]) => revoke(group, at, from)),
  fc.tuple(name, fc.integer({ min: 1, max: 800 })).map(([group, n]) => describeRule(group, n, 'why')),
  fc.tuple(name, fc.constantFrom('a', 'b')).map(([group, value]) => tag(group, value)),
  fc.constant(create('new')),
  name.map(remove),
);

it('any change set is its changes one by one, or nothing', () => {
  let [accepted, refused] = [0, 0];
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 8 }),
      fc.array(change, { minLength: 1, maxLength: 6 }),
      (past, changes) => {
        const [together, apart] = [new Cell(new UndoLog()), new Cell()];
        for (const one of past) {
          together.execute(one);
          apart.execute(one);
        }
        const before = together.contents;
        const outcome = together.execute(set(changes));
        const decisions = changes.map((one) => apart.execute(one));
        const index = decisions.findIndex((decision) => !decision.accepted);
        if (index < 0) {
          accepted += 1;
          expect(outcome).toEqual({
            accepted: true,
            events: decisions.flatMap((decision) => (decision.accepted ? decision.events : [])),
          });
          expect(together.contents).toEqual(apart.contents);
        } else {
          refused += 1;
          expect(outcome).toEqual({ ...decisions[index], index });
          expect(together.contents).toEqual(before);
        }
      },
    ),
    { numRuns: 500, seed: 7 },
  );
  expect(Math.min(accepted, refused)).toBeGreaterThan(50);
});

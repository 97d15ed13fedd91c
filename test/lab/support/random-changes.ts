import fc from 'fast-check';
import type { CellState, Command, GroupId, InstanceId, Rule } from '#libs/domain';
import { traffic } from '../../../libs/compiler/src/testing/arbitraries.js';
import { accountId, newId } from '../../support/cell.js';

const MOST_INSTANCES = 9;
const CIDRS = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.0.1.0/24',
  '10.0.2.4/31',
  '198.51.100.10/32',
  '::/0',
  'fd00::/16',
  'fd00:0:0:2::/64',
  '2001:db8::/32',
];

/** What is wished for, by number: which group, rule or instance a number means depends on what there is. */
const wishes = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('authorize' as const),
      group: fc.nat(),
      direction: fc.constantFrom('ingress' as const, 'ingress' as const, 'egress' as const),
      traffic,
      peer: fc.oneof(fc.constantFrom(...CIDRS), fc.nat()),
    }),
  },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('revoke' as const), rule: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('launch' as const),
      groups: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
      host: fc.constantFrom('host-1', 'host-2'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('terminate' as const), instance: fc.nat() }) },
);

export type Wish = ReturnType<(typeof wishes)['generate']>['value'];

export const randomWishes = (seed: number, count: number): readonly Wish[] =>
  fc.sample(wishes, { seed, numRuns: count });

/** The wish as a command, on what there is; it may be refused all the same. */
export function commandFor(wish: Wish, state: CellState): Command | undefined {
  const groups = [...state.groups.keys()];
  const groupAt = (n: number): GroupId => pick(groups, n) as GroupId;
  switch (wish.type) {
    case 'authorize': {
      const peer =
        typeof wish.peer === 'string'
          ? { kind: 'cidr', cidr: wish.peer }
          : { kind: 'group', accountId, group: { groupId: groupAt(wish.peer) } };
      const rule = { ruleId: newId('sgr'), traffic: wish.traffic, peer };
      const { direction } = wish;
      const group = { groupId: groupAt(wish.group) };
      return { type: 'AuthorizeRules', accountId, group, direction, rules: [rule] } as unknown as Command;
    }
    case 'revoke': {
      const rule = pick<Rule>([...state.rules.values()], wish.rule);
      if (!rule) return undefined;
      const { groupId, direction, ruleId } = rule;
      return {
        type: 'RevokeRules',
        accountId,
        group: { groupId },
        direction,
        permissions: [],
        ruleIds: [ruleId],
      };
    }
    case 'launch': {
      if (state.instances.size >= MOST_INSTANCES) return undefined;
      const worn = [...new Set(wish.groups.map(groupAt))].map((groupId) => ({ groupId }));
      const ids = { reservationId: newId('r'), instanceIds: [newId('i')] };
      const kind = { imageId: 'ami-1', instanceType: 't3.micro', hostId: wish.host };
      return {
        type: 'LaunchInstances',
        accountId,
        ...ids,
        atLeast: 1,
        groups: worn,
        ...kind,
      } as unknown as Command;
    }
    case 'terminate': {
      const instanceId = pick<InstanceId>([...state.instances.keys()], wish.instance);
      return instanceId && { type: 'TerminateInstances', accountId, instanceIds: [instanceId] };
    }
  }
}

const pick = <Item>(all: readonly Item[], n: number): Item | undefined => all[n % all.length];

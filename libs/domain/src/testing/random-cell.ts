import fc from 'fast-check';
import { decide } from '../cell/decide.js';
import { evolve } from '../cell/evolve.js';
import type { Command } from '../cell/messages.js';
import type { RecordedEvent } from '../cell/recorded-event.js';
import { initialCellState } from '../cell/state.js';
import type { AccountId, GroupId } from '../values/ids.js';

export const ACCOUNTS = ['111122223333', '444455556666'] as AccountId[];
const NAMES = ['web', 'app'];
const TRAFFIC = [
  { kind: 'all' },
  { kind: 'protocol', protocol: 47 },
  { kind: 'icmp', protocol: 1, type: 8 },
  { kind: 'ports', protocol: 17, from: 0, to: 20 },
];
export const HOSTS = ['host-1', 'host-2'];
const id = (prefix: string, number: number): string => `${prefix}-${number.toString(16).padStart(17, '0')}`;

/** Of two accounts and two hosts, with all kinds of events. Decides wish after wish, and keeps what was accepted. */
export class RandomCell {
  readonly events: RecordedEvent[] = [];
  readonly state = initialCellState();
  #ids = 0;
  #requests = 0;

  /** Whatever is refused leaves no trace. */
  wish(make: (cell: RandomCell) => object): void {
    this.#requests += 1;
    const decision = decide(make(this) as Command, this.state);
    if (!decision.accepted) return;
    for (const event of decision.events) {
      evolve(this.state, event);
      const position = this.events.length + 1;
      const time = new Date(position * 1000).toISOString();
      const actor = { kind: 'system' } as const;
      this.events.push({
        position,
        id: id('event', position),
        time,
        actor,
        requestId: `request ${this.#requests}`,
        previous: '',
        event,
      });
    }
  }

  step([name, a, b]: Step): void {
    this.wish((cell) => wishes[name]?.(cell, a, b) ?? {});
  }

  newId(prefix: string): string {
    return id(prefix, ++this.#ids);
  }

  pick<T>(this: void, values: Iterable<T>, place: number): T | undefined {
    const all = [...values];
    return all[place % Math.max(1, all.length)];
  }
}

/** A rule by way of its group. */
interface Owned {
  readonly accountId?: AccountId;
  readonly groupId?: GroupId;
}

/** Each makes a command from two numbers; what does not apply is refused. */
export const wishes: Record<string, (cell: RandomCell, a: number, b: number) => object> = {
  create: (cell, a, b) => ({
    type: 'CreateGroup',
    accountId: ACCOUNTS[a % 2],
    groupId: cell.newId('sg'),
    name: NAMES[b % 2],
    description: 'one',
    ruleIds: [cell.newId('sgr'), cell.newId('sgr')],
    tags: a % 3 === 0 ? [{ key: 'made', value: String(b) }] : [],
  }),
  delete: ({ state, pick }, a) => {
    const group = pick(state.groups.values(), a);
    return { type: 'DeleteGroup', accountId: group?.accountId, group: { groupId: group?.groupId ?? 'sg-0' } };
  },
  authorize: (cell, a, b) => {
    const group = cell.pick(cell.state.groups.values(), a);
    const other = cell.pick(cell.state.groups.values(), b);
    const list = cell.pick(cell.state.prefixLists.values(), b);
    const named = {
      kind: 'group',
      accountId: other?.accountId,
      group: { groupId: other?.groupId ?? 'sg-0' },
    };
    const listed = { kind: 'prefix-list', prefixListId: list?.prefixListId };
    const peers = [{ kind: 'cidr', cidr: `10.0.${b % 3}.0/24` }, named, list ? listed : named];
    return {
      type: 'AuthorizeRules',
      accountId: group?.accountId,
      group: { groupId: group?.groupId ?? 'sg-0' },
      direction: a % 4 === 0 ? 'egress' : 'ingress',
      rules: [
        {
          ruleId: cell.newId('sgr'),
          traffic: TRAFFIC[(a + b) % 12] ?? { kind: 'ports', protocol: 6, from: a, to: a + (b % 5) },
          peer: peers[b % 3],
        },
      ],
    };
  },
  revoke: ({ state, pick }, a) => {
    const rule = pick(state.rules.values(), a);
    const group = rule && state.groups.get(rule.groupId);
    return {
      type: 'RevokeRules',
      accountId: group?.accountId,
      group: { groupId: group?.groupId ?? 'sg-0' },
      direction: rule?.direction,
      permissions: [],
      ruleIds: [rule?.ruleId],
    };
  },
  modify: ({ state, pick }, a, b) => {
    const rule = pick(
      [...state.rules.values()].filter(({ peer }) => peer.kind === 'cidr' && peer.cidr.startsWith('10.')),
      a,
    );
    const group = rule && state.groups.get(rule.groupId);
    const traffic = { kind: 'ports', protocol: 6, from: 1000 + b, to: 1000 + b };
    return {
      type: 'ModifyRules',
      accountId: group?.accountId,
      group: { groupId: group?.groupId ?? 'sg-0' },
      rules: rule ? [{ ...rule, traffic }] : [],
    };
  },
  describe: ({ state, pick }, a, b) => {
    const rule = pick(state.rules.values(), a);
    const group = rule && state.groups.get(rule.groupId);
    return {
      type: 'ChangeRuleDescriptions',
      accountId: group?.accountId,
      group: { groupId: group?.groupId ?? 'sg-0' },
      direction: rule?.direction,
      rules: [{ ruleId: rule?.ruleId, ...(b % 3 ? { description: String(b % 3) } : {}) }],
    };
  },
  tag: ({ state, pick }, a, b) => {
    const { groups, rules, instances, prefixLists } = state;
    const kind = pick([groups, rules, instances, prefixLists] as ReadonlyMap<string, Owned>[], b >> 1);
    const [id, thing] = pick([...(kind ?? [])], a) ?? [];
    return {
      type: 'ChangeTags',
      accountId: thing?.accountId ?? state.groups.get(thing?.groupId as GroupId)?.accountId ?? ACCOUNTS[0],
      resourceIds: [id ?? 'sg-0'],
      set: b % 2 ? [{ key: `k${b % 3}`, value: String(a) }] : [],
      remove: b % 2 ? [] : [{ key: `k${b % 3}` }],
    };
  },
  list: (cell, a) => ({
    type: 'CreatePrefixList',
    accountId: ACCOUNTS[a % 2],
    prefixListId: cell.newId('pl'),
    name: 'list',
    family: 4,
    maxEntries: 5,
    entries: [{ cidr: '192.0.2.0/24' }],
  }),
  relist: ({ state, pick }, a, b) => {
    const list = pick(state.prefixLists.values(), a);
    const { accountId, prefixListId } = list ?? { prefixListId: 'pl-0' };
    const cidr = `198.51.${(b >> 1) % 3}.0/24`;
    return {
      type: 'ModifyPrefixList',
      accountId,
      prefixListId,
      ...(a % 5 ? {} : { name: `list ${b}` }),
      add: b % 2 ? [{ cidr, description: String(a) }] : [],
      remove: b % 2 ? [] : [cidr],
    };
  },
  unlist: ({ state, pick }, a) => {
    const list = pick(state.prefixLists.values(), a);
    return {
      type: 'DeletePrefixList',
      accountId: list?.accountId,
      prefixListId: list?.prefixListId ?? 'pl-0',
    };
  },
  enroll: (_, a, b) => ({
    type: 'EnrollHost',
    hostId: HOSTS[a % 2],
    ranges: [`10.${a % 2}.${b % 2}.0/29`],
  }),
  retire: (_, a) => ({ type: 'RetireHost', hostId: HOSTS[a % 2] }),
  launch: (cell, a, b) => ({
    type: 'LaunchInstances',
    accountId: ACCOUNTS[a % 2],
    reservationId: cell.newId('r'),
    instanceIds: [cell.newId('i')],
    atLeast: 1,
    groups: [{ groupName: [...NAMES, 'default'][b % 3] }, ...(b % 5 ? [] : [{ groupName: 'default' }])],
    imageId: 'ami',
    instanceType: 't',
    ...(b % 4 === 0 ? { clientToken: { token: String(b % 8), parameters: 'p' } } : {}),
  }),
  attach: ({ state, pick }, a, b) => {
    const { instanceId, hostId } = pick(state.instances.values(), a) ?? {
      instanceId: 'i-0',
      hostId: 'host-1',
    };
    return { type: 'AttachInstance', instanceId, hostId, interfaceName: `tap${b}` };
  },
  terminate: ({ state, pick }, a) => {
    const instance = pick(state.instances.values(), a);
    return {
      type: 'TerminateInstances',
      accountId: instance?.accountId,
      instanceIds: [instance?.instanceId ?? 'i-0'],
    };
  },
};

type Step = readonly [wish: string, a: number, b: number];

/** So many wishes, with numbers that say of what and for what. */
export const steps = (minLength: number, maxLength: number): fc.Arbitrary<readonly Step[]> =>
  fc.array(fc.tuple(fc.constantFrom(...Object.keys(wishes)), fc.nat(30), fc.nat(30)), {
    minLength,
    maxLength,
  });

/** With its accounts open, its hosts enrolled, and all of that wished for. */
export function openRandomCell(all: readonly Step[] = []): RandomCell {
  const cell = new RandomCell();
  for (const accountId of ACCOUNTS)
    cell.wish(() => ({
      type: 'OpenAccount',
      accountId,
      vpcId: cell.newId('vpc'),
      defaultGroupId: cell.newId('sg'),
      ruleIds: [cell.newId('sgr'), cell.newId('sgr'), cell.newId('sgr')],
    }));
  for (const number of [0, 1]) cell.step(['enroll', number, 0]);
  for (const step of all) cell.step(step);
  return cell;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decide,
  evolve,
  initialCellState,
  REMEMBERED_TERMINATED,
  type CellState,
  type Command,
  type RecordedEvent,
} from '#libs/domain';
import { Directory } from '../directory/directory.js';
import { Distribution } from '../distribution/distribution.js';
import { Marks } from './marks.js';
import { Survival } from './survival.js';

const ACCOUNTS = ['111122223333', '444455556666'];
const NAMES = ['web', 'app'];
const HOSTS = ['host-1', 'host-2'];
const id = (prefix: string, number: number): string => `${prefix}-${number.toString(16).padStart(17, '0')}`;

/** Decides wish after wish, and keeps what was accepted. */
class History {
  readonly events: RecordedEvent[] = [];
  readonly state = initialCellState();
  #ids = 0;

  /** Whatever is refused leaves no trace. */
  wish(make: (history: History) => object): void {
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
        requestId: 'r',
        previous: '',
        event,
      });
    }
  }

  newId(prefix: string): string {
    return id(prefix, ++this.#ids);
  }

  pick<T>(this: void, values: Iterable<T>, place: number): T | undefined {
    const all = [...values];
    return all[place % Math.max(1, all.length)];
  }
}

const wishes: Record<string, (history: History, a: number, b: number) => object> = {
  create: (history, a, b) => ({
    type: 'CreateGroup',
    accountId: ACCOUNTS[a % 2],
    groupId: history.newId('sg'),
    name: NAMES[b % 2],
    description: 'one',
    ruleIds: [history.newId('sgr'), history.newId('sgr')],
    tags: a % 3 === 0 ? [{ key: 'made', value: String(b) }] : [],
  }),
  delete: ({ state, pick }, a) => {
    const group = pick(state.groups.values(), a);
    return { type: 'DeleteGroup', accountId: group?.accountId, group: { groupId: group?.groupId ?? 'sg-0' } };
  },
  authorize: (history, a, b) => {
    const group = history.pick(history.state.groups.values(), a);
    const other = history.pick(history.state.groups.values(), b);
    const list = history.pick(history.state.prefixLists.values(), b);
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
      direction: 'ingress',
      rules: [
        {
          ruleId: history.newId('sgr'),
          traffic: { kind: 'ports', protocol: 6, from: a, to: a },
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
  tag: ({ state, pick }, a, b) => {
    const group = pick(state.groups.values(), a);
    return {
      type: 'ChangeTags',
      accountId: group?.accountId,
      resourceIds: [group?.groupId ?? 'sg-0'],
      set: b % 2 ? [{ key: `k${b % 3}`, value: String(a) }] : [],
      remove: b % 2 ? [] : [{ key: `k${b % 3}` }],
    };
  },
  list: (history, a) => ({
    type: 'CreatePrefixList',
    accountId: ACCOUNTS[a % 2],
    prefixListId: history.newId('pl'),
    name: 'list',
    family: 4,
    maxEntries: 5,
    entries: [{ cidr: '192.0.2.0/24' }],
  }),
  relist: ({ state, pick }, a, b) => {
    const list = pick(state.prefixLists.values(), a);
    const { accountId, prefixListId } = list ?? { prefixListId: 'pl-0' };
    const add = b % 2 ? [{ cidr: `198.51.${b % 4}.0/24`, description: String(a) }] : [];
    return {
      type: 'ModifyPrefixList',
      accountId,
      prefixListId,
      add,
      remove: b % 2 ? [] : [`198.51.${b % 4}.0/24`],
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
  launch: (history, a, b) => ({
    type: 'LaunchInstances',
    accountId: ACCOUNTS[a % 2],
    reservationId: history.newId('r'),
    instanceIds: [history.newId('i')],
    atLeast: 1,
    groups: [{ groupName: [...NAMES, 'default'][b % 3] }],
    imageId: 'ami',
    instanceType: 't',
    ...(b % 4 === 0 ? { clientToken: { token: String(b % 8), parameters: 'p' } } : {}),
  }),
  terminate: ({ state, pick }, a) => {
    const instance = pick(state.instances.values(), a);
    return {
      type: 'TerminateInstances',
      accountId: instance?.accountId,
      instanceIds: [instance?.instanceId ?? 'i-0'],
    };
  },
};

function opened(): History {
  const history = new History();
  for (const accountId of ACCOUNTS)
    history.wish(() => ({
      type: 'OpenAccount',
      accountId,
      vpcId: history.newId('vpc'),
      defaultGroupId: history.newId('sg'),
      ruleIds: [history.newId('sgr'), history.newId('sgr'), history.newId('sgr')],
    }));
  return history;
}

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
    evolve(state, recorded.event);
    directory.project(recorded);
    distribution.fold(recorded);
  }
  if (marks) {
    for (const [key, value] of marks.counters) state.counters.set(key, value);
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
    const step = fc.tuple(fc.constantFrom(...Object.keys(wishes)), fc.nat(30), fc.nat(30));
    fc.assert(
      fc.property(fc.array(step, { minLength: 60, maxLength: 200 }), (steps) => {
        const history = opened();
        for (const number of [0, 1]) history.wish((at) => wishes['enroll']?.(at, number, 0) ?? {});
        for (const [name, a, b] of steps) history.wish((at) => wishes[name]?.(at, a, b) ?? {});
        const { short, marks } = shortened(history.events);
        expect(picture(short, marks)).toEqual(picture(history.events));
      }),
      { numRuns: 200 },
    );
  });

  it('lets go of what is closed, deleted and terminated', () => {
    const history = opened();
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
    const history = opened();
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

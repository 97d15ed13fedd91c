import { describe, expect, it } from 'vitest';
import {
  decide,
  EC2_LIMITS,
  evolve,
  initialCellState,
  UndoLog,
  type CellState,
  type Command,
  type Event,
  type Refusal,
} from '../index.js';

const account = '111122223333' as never;
const other = '444455556666' as never;
const rule = (n: number) => `sgr-0000000${n}` as never;
const open = (accountId: never, n: number): Command => ({
  type: 'OpenAccount',
  accountId,
  vpcId: `vpc-0000000${n}` as never,
  defaultGroupId: `sg-0000000${n}` as never,
  ruleIds: [`sgr-a000000${n}`, `sgr-b000000${n}`, `sgr-c000000${n}`] as never,
});
const create = (name: string, n: number): Command => ({
  type: 'CreateGroup',
  accountId: account,
  groupId: `sg-1000000${n}` as never,
  name,
  description: 'for tests',
  ruleIds: [`sgr-d000000${n}`, `sgr-e000000${n}`] as never,
});
const tcp = (port: number) => ({ kind: 'ports', protocol: 6, from: port, to: port }) as const;
const anywhere = { kind: 'cidr', cidr: '0.0.0.0/0' as never } as const;
const authorize = (groupName: string, n: number, port = 80, peer: object = anywhere): Command => ({
  type: 'AuthorizeRules',
  accountId: account,
  group: { groupName },
  direction: 'ingress',
  rules: [{ ruleId: rule(n), traffic: tcp(port), peer: peer as never }],
});
const named = (groupName: string) => ({ kind: 'group', accountId: account, group: { groupName } }) as const;
const enroll = (hostId: string, ...ranges: string[]): Command =>
  ({ type: 'EnrollHost', hostId, ranges }) as never;
const launch = (n: number, more: object = {}): Command =>
  ({
    type: 'LaunchInstances',
    accountId: account,
    reservationId: 'r-00000001',
    instanceIds: [`i-0000000${n}`],
    atLeast: 1,
    groups: [],
    imageId: 'ami-1',
    instanceType: 't3.micro',
    ...more,
  }) as never;
const terminate = (...ids: string[]): Command =>
  ({ type: 'TerminateInstances', accountId: account, instanceIds: ids }) as never;

function given(...commands: readonly Command[]): CellState {
  const state = initialCellState();
  for (const command of commands) for (const event of accepted(command, state)) evolve(state, event);
  return state;
}

function accepted(command: Command, state: CellState): readonly Event[] {
  const decision = decide(command, state);
  if (!decision.accepted) throw new Error(`refused: ${JSON.stringify(decision.refusal)}`);
  return decision.events;
}

function refusal(command: Command, state: CellState): Refusal | undefined {
  const decision = decide(command, state);
  return decision.accepted ? undefined : decision.refusal;
}

/** A copy of all that a state says, the rules in a fixed order. */
function snapshot(state: CellState): object {
  const groups = state.groups.values().map((group) => ({
    ...group,
    rules: [...group.rules].toSorted((one, other) => (one.ruleId < other.ruleId ? -1 : 1)),
  }));
  return structuredClone({ ...state, undo: undefined, groups: [...groups] });
}

const types = (events: readonly Event[]): readonly string[] => events.map(({ type }) => type);

describe('an account', () => {
  it('has its default group from the first moment: all from itself in, everything out', () => {
    const events = accepted(open(account, 1), given());
    expect(types(events)).toEqual([
      'AccountOpened',
      'GroupCreated',
      'RuleAuthorized',
      'RuleAuthorized',
      'RuleAuthorized',
    ]);
    expect(events[2]).toMatchObject({
      rule: { direction: 'ingress', peer: { kind: 'group', groupId: 'sg-00000001' } },
    });
  });

  it('is opened once', () => {
    expect(accepted(open(account, 1), given(open(account, 1)))).toEqual([]);
  });
});

describe('a group', () => {
  const opened = given(open(account, 1));

  it('lets everything out when new', () => {
    const [created, ...rules] = accepted(create('web', 1), opened);
    expect(created).toMatchObject({ type: 'GroupCreated', number: 2, name: 'web' });
    expect(rules).toMatchObject([
      { rule: { direction: 'egress', traffic: { kind: 'all' }, peer: { cidr: '0.0.0.0/0' } } },
      { rule: { direction: 'egress', traffic: { kind: 'all' }, peer: { cidr: '::/0' } } },
    ]);
  });

  it.each<[string, Command, Refusal['code']]>([
    ['is named default', create('Default', 2), 'GroupNameReserved'],
    ['is named like an id', create('sg-web', 2), 'GroupNameMalformed'],
    ['has a name that another one has, in any case', create('WEB', 2), 'GroupNameTaken'],
    ['has no name', create(' ', 2), 'GroupNameMalformed'],
    ['has a name of 256 characters', create('x'.repeat(256), 2), 'GroupNameMalformed'],
  ])('is refused when it %s', (_why, command, code) => {
    expect(refusal(command, given(open(account, 1), create('web', 1)))?.code).toBe(code);
  });

  it('is not deleted while a rule names it, its own included', () => {
    const state = given(open(account, 1), create('web', 1), authorize('web', 1, 80, named('web')));
    const remove: Command = { type: 'DeleteGroup', accountId: account, group: { groupName: 'web' } };
    expect(refusal(remove, state)).toMatchObject({ code: 'GroupInUse', referencedBy: ['sg-10000001'] });
  });

  it('takes its rules with it, so that nothing is left that names others', () => {
    const state = given(
      open(account, 1),
      create('web', 1),
      create('db', 2),
      authorize('db', 1, 3306, named('web')),
    );
    const remove = (groupName: string): Command => ({
      type: 'DeleteGroup',
      accountId: account,
      group: { groupName },
    });
    for (const event of accepted(remove('db'), state)) evolve(state, event);
    expect(types(accepted(remove('web'), state)).at(-1)).toBe('GroupDeleted');
  });

  it('is nobody else’s', () => {
    const state = given(open(account, 1), open(other, 2), create('web', 1));
    const command = { ...authorize('web', 1), accountId: other } as Command;
    expect(refusal(command, state)).toMatchObject({ code: 'GroupUnknown' });
  });
});

describe('a rule', () => {
  const base = [open(account, 1), create('web', 1), create('db', 2)];

  it('may name a group of the account as its peer', () => {
    const [event] = accepted(authorize('db', 1, 3306, named('web')), given(...base));
    expect(event).toMatchObject({ rule: { peer: { kind: 'group', groupId: 'sg-10000001' } } });
  });

  it('is refused when one that permits the same is there, and that one is named', () => {
    const state = given(...base, authorize('web', 1));
    expect(refusal(authorize('web', 2), state)).toMatchObject({
      code: 'RuleDuplicate',
      existing: 'sgr-00000001',
    });
  });

  it('is refused with all of its request when it is one too many', () => {
    const command = {
      ...authorize('web', 1),
      rules: Array.from({ length: 61 }, (_, n) => ({ ruleId: rule(n), traffic: tcp(n), peer: anywhere })),
    };
    expect(refusal(command as Command, given(...base))).toEqual({ code: 'RuleLimitExceeded', limit: 60 });
  });

  it('is revoked by what it permits, or by its id; what no rule permits is passed over', () => {
    const revoke = (more: object): Command =>
      ({
        type: 'RevokeRules',
        accountId: account,
        group: { groupName: 'web' },
        direction: 'ingress',
        permissions: [],
        ruleIds: [],
        ...more,
      }) as never;
    const state = given(...base, authorize('web', 1));
    expect(types(accepted(revoke({ permissions: [{ traffic: tcp(80), peer: anywhere }] }), state))).toEqual([
      'RuleRevoked',
    ]);
    expect(types(accepted(revoke({ ruleIds: [rule(1)] }), state))).toEqual(['RuleRevoked']);
    expect(accepted(revoke({ permissions: [{ traffic: tcp(81), peer: anywhere }] }), state)).toEqual([]);
    expect(refusal(revoke({ ruleIds: [rule(9)] }), state)?.code).toBe('RuleUnknown');
  });
});

describe('an instance', () => {
  const base = [
    open(account, 1),
    create('web', 1),
    enroll('host-1', '10.0.1.0/29', 'fd00:1::/64'),
    enroll('host-2', '10.0.2.0/29'),
  ];

  it('wears the default group when none is named, and gets an address of each family', () => {
    const [event] = accepted(launch(1, { hostId: 'host-1' }), given(...base));
    expect(event).toMatchObject({
      instance: {
        addresses: ['10.0.1.4', 'fd00:1::4'],
        groupIds: ['sg-00000001'],
        interfaceName: 'ri-00000001',
      },
    });
  });

  it('goes to the least loaded host', () => {
    const state = given(...base, launch(1));
    const [event] = accepted(launch(2), state);
    expect(event).toMatchObject({ instance: { hostId: 'host-2' } });
  });

  it('does not get at once the address that another has just given up', () => {
    const state = given(...base, launch(1, { hostId: 'host-1' }), terminate('i-00000001'));
    const [event] = accepted(launch(2, { hostId: 'host-1' }), state);
    expect(event).toMatchObject({ instance: { addresses: ['10.0.1.5', 'fd00:1::5'] } });
  });

  it('is refused an address that is taken, reserved or nobody’s', () => {
    const state = given(...base, launch(1, { hostId: 'host-1' }));
    expect(refusal(launch(2, { address: '10.0.1.4' }), state)).toMatchObject({
      code: 'AddressTaken',
      instanceId: 'i-00000001',
    });
    expect(refusal(launch(2, { address: '10.0.1.1' }), state)?.code).toBe('AddressNotOffered');
    expect(refusal(launch(2, { address: '192.0.2.1' }), state)?.code).toBe('AddressNotOffered');
  });

  it('is refused when the host is full, and nothing is launched of fewer than asked for', () => {
    const state = given(...base);
    const ids = ['i-00000001', 'i-00000002', 'i-00000003', 'i-00000004'];
    expect(refusal(launch(1, { hostId: 'host-1', instanceIds: ids, atLeast: 4 }), state)).toMatchObject({
      code: 'CapacityExceeded',
      free: 3,
    });
    expect(accepted(launch(1, { hostId: 'host-1', instanceIds: ids, atLeast: 1 }), state)).toHaveLength(3);
  });

  it('is reached by the interface that it is said to have, which no other has', () => {
    const on = (interfaceName: string, more: object = {}) =>
      launch(2, { hostId: 'host-1', interfaceName, ...more });
    const state = given(...base, launch(1, { hostId: 'host-1', interfaceName: 'vnet1' }));
    expect(accepted(on('vnet2'), state)).toMatchObject([{ instance: { interfaceName: 'vnet2' } }]);
    expect(refusal(on('vnet1'), state)?.code).toBe('InterfaceTaken');
    expect(accepted(on('vnet1', { hostId: 'host-2' }), state)).toHaveLength(1);
    const two = { instanceIds: ['i-00000002', 'i-00000003'] };
    expect(refusal(on('vnet2', two), state)?.code).toBe('InterfaceTaken');
  });

  it('is attached anew with all else that it has, where no other is', () => {
    const attach = (n: number, interfaceName: string, hostId = 'host-1') =>
      ({ type: 'AttachInstance', instanceId: `i-0000000${n}`, hostId, interfaceName }) as never;
    const at = (n: number) => launch(n, { hostId: 'host-1', interfaceName: `vnet${n}` });
    const state = given(...base, at(1), at(2));
    expect(accepted(attach(1, 'vnet1'), state)).toEqual([]);
    expect(refusal(attach(1, 'vnet2'), state)?.code).toBe('InterfaceTaken');
    expect(refusal(attach(1, 'vnet3', 'host-2'), state)?.code).toBe('InstanceUnknown');
    expect(refusal(attach(3, 'vnet3'), state)?.code).toBe('InstanceUnknown');
    const moved = given(...base, at(1), at(2), attach(1, 'vnet3'), attach(2, 'vnet1'));
    const before = state.instances.get('i-00000001' as never);
    expect(moved.instances.get('i-00000001' as never)).toEqual({ ...before, interfaceName: 'vnet3' });
    expect(accepted(terminate('i-00000002'), moved)).toMatchObject([
      { instance: { interfaceName: 'vnet1' } },
    ]);
  });

  it('may be terminated again, but not when it never was', () => {
    const state = given(...base, launch(1), terminate('i-00000001'));
    expect(accepted(terminate('i-00000001'), state)).toEqual([]);
    expect(refusal(terminate('i-00000001', 'i-00000009'), state)).toEqual({
      code: 'InstanceUnknown',
      instanceIds: ['i-00000009'],
    });
  });
});

describe('a host', () => {
  const state = given(open(account, 1), enroll('host-1', '10.0.1.0/24'), launch(1));

  it.each<[string, Command, Refusal['code'] | undefined]>([
    ['again with the same range', enroll('host-1', '10.0.1.0/24'), undefined],
    ['with a wider one', enroll('host-1', '10.0.0.0/16'), undefined],
    ['with one that leaves its instances outside', enroll('host-1', '10.9.0.0/24'), 'RangeInUse'],
    ['with one that overlaps another host’s', enroll('host-2', '10.0.0.0/8'), 'RangeOverlaps'],
    ['with none', enroll('host-2'), 'RangesMalformed'],
    ['with one that is too small', enroll('host-2', '10.0.2.0/30'), 'RangesMalformed'],
  ])('enrolls %s', (_how, command, code) => {
    expect(refusal(command, state)?.code).toBe(code);
  });
});

describe('a modified rule', () => {
  const base = [open(account, 1), create('web', 1), create('db', 2)];
  const modify = (n: number, more: object): Command =>
    ({
      type: 'ModifyRules',
      accountId: account,
      group: { groupName: 'web' },
      rules: [{ ruleId: rule(n), traffic: tcp(80), peer: anywhere, ...more }],
    }) as never;
  const state = given(...base, authorize('web', 1), authorize('web', 2, 443));

  it('keeps its id', () => {
    expect(accepted(modify(1, { traffic: tcp(8080) }), state)).toMatchObject([
      { type: 'RuleModified', rule: { ruleId: rule(1), traffic: tcp(8080) }, before: { traffic: tcp(80) } },
    ]);
    expect(accepted(modify(1, {}), state)).toEqual([]);
  });

  it.each<[string, object, Refusal['code']]>([
    ['permits what another does', { traffic: tcp(443) }, 'RuleDuplicate'],
    ['changes the kind of its far end', { peer: named('db') }, 'RulePeerKindFixed'],
    ['changes its family', { peer: { kind: 'cidr', cidr: '::/0' } }, 'RulePeerKindFixed'],
    ['is not there', { ruleId: rule(9) }, 'RuleUnknown'],
  ])('is refused when it %s', (_why, more, code) => {
    expect(refusal(modify(1, more), state)?.code).toBe(code);
  });

  it('may swap what it permits with another in one request', () => {
    const swap = {
      ...modify(1, {}),
      rules: [
        { ruleId: rule(1), traffic: tcp(443), peer: anywhere },
        { ruleId: rule(2), traffic: tcp(80), peer: anywhere },
      ],
    } as Command;
    expect(types(accepted(swap, state))).toEqual(['RuleModified', 'RuleModified']);
  });

  it('gets another description by what it permits, or loses it', () => {
    const describeRules = (one: object): Command =>
      ({
        type: 'ChangeRuleDescriptions',
        accountId: account,
        group: { groupName: 'web' },
        direction: 'ingress',
        rules: [one],
      }) as never;
    const wish = { traffic: tcp(80), peer: anywhere, description: 'the world' };
    const described = given(...base, authorize('web', 1), describeRules(wish));
    expect(described.rules.get(rule(1))?.description).toBe('the world');
    expect(accepted(describeRules(wish), described)).toEqual([]);
    expect(types(accepted(describeRules({ ruleId: rule(1) }), described))).toEqual([
      'RuleDescriptionChanged',
    ]);
    expect(refusal(describeRules({ ...wish, traffic: tcp(81) }), described)?.code).toBe('PermissionUnknown');
  });
});

describe('a prefix list', () => {
  const list = 'pl-00000001' as never;
  const createList = (more: object = {}): Command =>
    ({
      type: 'CreatePrefixList',
      accountId: account,
      prefixListId: list,
      name: 'offices',
      family: 4,
      maxEntries: 3,
      entries: [{ cidr: '192.0.2.0/24' }],
      ...more,
    }) as never;
  const modify = (more: object): Command =>
    ({
      type: 'ModifyPrefixList',
      accountId: account,
      prefixListId: list,
      add: [],
      remove: [],
      ...more,
    }) as never;
  const fromList = { kind: 'prefix-list', prefixListId: list };
  const state = given(open(account, 1), create('web', 1), createList(), authorize('web', 1, 80, fromList));

  it('counts up its version with each change of its entries', () => {
    const add = modify({ currentVersion: 1, add: [{ cidr: '198.51.100.0/24' }] });
    expect(accepted(add, state)).toMatchObject([{ type: 'PrefixListModified', version: 2 }]);
    expect(accepted(modify({ name: 'branches' }), state)).toMatchObject([{ version: 1, name: 'branches' }]);
    expect(accepted(modify({ add: [{ cidr: '192.0.2.0/24' }] }), state)).toEqual([]);
  });

  it.each<[string, Command, Refusal['code']]>([
    ['is modified from an older version', modify({ currentVersion: 7 }), 'PrefixListVersionMismatch'],
    ['loses what it has not', modify({ remove: ['203.0.113.0/24'] }), 'PrefixListEntryUnknown'],
    ['gets a block of the other family', modify({ add: [{ cidr: '::/0' }] }), 'PrefixListMalformed'],
    ['would be smaller than its entries', modify({ maxEntries: 0 }), 'PrefixListMalformed'],
    [
      'has no room left',
      modify({ add: ['10.0.0.0/8', '11.0.0.0/8', '12.0.0.0/8'].map((cidr) => ({ cidr })) }),
      'PrefixListFull',
    ],
    [
      'is deleted while a rule names it',
      { type: 'DeletePrefixList', accountId: account, prefixListId: list },
      'PrefixListInUse',
    ],
    ['is somebody else’s', { ...modify({ name: 'mine' }), accountId: other } as Command, 'PrefixListUnknown'],
  ])('is refused when it %s', (_why, command, code) => {
    expect(refusal(command, state)?.code).toBe(code);
  });

  it('counts against a group’s limit as its most entries, also when that grows', () => {
    const more = authorize('web', 2, 81, fromList);
    expect(decide(more, state, { ...EC2_LIMITS, rulesPerGroup: 5 })).toMatchObject({
      refusal: { code: 'RuleLimitExceeded' },
    });
    expect(decide(modify({ maxEntries: 6 }), state, { ...EC2_LIMITS, rulesPerGroup: 5 })).toMatchObject({
      refusal: { code: 'RuleLimitExceeded' },
    });
    const grown = given(
      open(account, 1),
      create('web', 1),
      createList(),
      authorize('web', 1, 80, fromList),
      modify({ maxEntries: 6 }),
    );
    expect(grown.groups.get('sg-10000001' as never)?.quotas['ingress 4']).toBe(6);
  });
});

describe('tags', () => {
  const base = [open(account, 1), create('web', 1), authorize('web', 1)];
  const tag = (resourceId: string, more: object): Command =>
    ({
      type: 'ChangeTags',
      accountId: account,
      resourceIds: [resourceId],
      set: [],
      remove: [],
      ...more,
    }) as never;
  const web = 'sg-10000001';
  const red = { set: [{ key: 'colour', value: 'red' }] };

  it('are on groups and rules, and go with them', () => {
    const state = given(...base, tag(web, red), tag(rule(1), red));
    expect(state.tags.get(web as never)?.get('colour')).toBe('red');
    const revoke = { ...authorize('web', 1), type: 'RevokeRules', permissions: [], ruleIds: [rule(1)] };
    for (const event of accepted(revoke as never, state)) evolve(state, event);
    expect(state.tags.has(rule(1))).toBe(false);
  });

  it('say only what is different', () => {
    const state = given(...base, tag(web, red));
    expect(accepted(tag(web, red), state)).toEqual([]);
    expect(accepted(tag(web, { remove: [{ key: 'colour', value: 'blue' }] }), state)).toEqual([]);
    expect(accepted(tag(web, { remove: [{ key: 'colour' }] }), state)).toMatchObject([
      { removed: ['colour'], set: [] },
    ]);
    expect(accepted(tag(web, { remove: 'all' }), state)).toMatchObject([{ removed: ['colour'] }]);
  });

  it.each<[string, Command, Refusal['code']]>([
    ['on what is not there', tag('sg-99999999', red), 'ResourceUnknown'],
    ['on what is another’s', { ...tag(web, red), accountId: other } as Command, 'ResourceUnknown'],
    ['with a reserved key', tag(web, { set: [{ key: 'aws:x', value: '' }] }), 'TagMalformed'],
    ['with a key twice', tag(web, { set: [...red.set, ...red.set] }), 'TagMalformed'],
    [
      'when there would be too many',
      tag(web, { set: Array.from({ length: 51 }, (_, n) => ({ key: `k${n}`, value: '' })) }),
      'TagLimitExceeded',
    ],
  ])('are refused %s', (_why, command, code) => {
    expect(refusal(command, given(...base))?.code).toBe(code);
  });
});

describe('a client token', () => {
  const base = [open(account, 1), enroll('host-1', '10.0.1.0/24')];
  const once = (n: number, parameters: string): Command =>
    launch(n, { clientToken: { token: 'a-token', parameters } });

  it('makes a launch happen once, however often it is asked for', () => {
    const state = given(...base, once(1, 'x'));
    expect(accepted(once(2, 'x'), state)).toEqual([]);
    expect(state.clientTokens.values().next().value?.resourceIds).toEqual(['i-00000001']);
    expect(refusal(once(3, 'y'), state)).toMatchObject({ code: 'ClientTokenMismatch' });
  });
});

describe('another account’s reference', () => {
  it('does not keep a group from being deleted, and can still be revoked', () => {
    const fromOther = { kind: 'group', accountId: account, group: { groupName: 'web' } } as const;
    const theirs = { ...authorize('default', 5, 80, fromOther), accountId: other } as Command;
    const remove: Command = { type: 'DeleteGroup', accountId: account, group: { groupName: 'web' } };
    const state = given(open(account, 1), open(other, 2), create('web', 1), theirs, remove);
    const revoke = { ...theirs, type: 'RevokeRules', permissions: [], ruleIds: [rule(5)] };
    expect(types(accepted(revoke as never, state))).toEqual(['RuleRevoked']);
    for (const event of accepted(revoke as never, state)) evolve(state, event);
  });
});

describe('the undo log', () => {
  it('takes back whatever was decided, so that the state is as before', () => {
    const undo = new UndoLog();
    const state = initialCellState(undo);
    const commands = [open(account, 1), create('web', 1), enroll('host-1', '10.0.1.0/24')];
    for (const command of commands) for (const event of accepted(command, state)) evolve(state, event);
    undo.forget(undo.mark);
    const before = snapshot(state);
    const list = { prefixListId: 'pl-00000001', accountId: account } as const;
    const changes = [
      { type: 'CreatePrefixList', ...list, name: 'x', family: 4, maxEntries: 2, entries: [] },
      authorize('web', 1),
      authorize('web', 2, 81, { kind: 'prefix-list', prefixListId: list.prefixListId }),
      { type: 'ModifyPrefixList', ...list, maxEntries: 5, add: [{ cidr: '10.0.0.0/8' }], remove: [] },
      {
        type: 'ChangeTags',
        accountId: account,
        resourceIds: [rule(1)],
        set: [{ key: 'k', value: 'v' }],
        remove: [],
      },
      launch(1, { clientToken: { token: 't', parameters: '' } }),
      terminate('i-00000001'),
      create('db', 2),
    ];
    for (const command of changes as Command[])
      for (const event of accepted(command, state)) evolve(state, event);
    undo.rollback();
    expect(snapshot(state)).toEqual(before);
  });
});

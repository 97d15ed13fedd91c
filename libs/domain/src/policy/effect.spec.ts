import { expect, it } from 'vitest';
import { decide, effectOf, evolve, initialCellState, type Command, type Event } from '../index.js';

const accountId = '111122223333';
const group = (n: number) => `sg-0000000${n}`;
const rule = (n: number) => `sgr-0000000${n}`;
const tcp = (from: number, to = from) => ({ kind: 'ports', protocol: 6, from, to });
const block = (cidr: string) => ({ kind: 'cidr', cidr });
const named = (groupName: string) => ({ kind: 'group', accountId, group: { groupName } });
const create = (name: string, n: number): object => ({
  type: 'CreateGroup',
  accountId,
  groupId: group(n),
  name,
  description: name,
  ruleIds: [`sgr-e000000${n}`, `sgr-f000000${n}`],
});
const authorize = (groupName: string, n: number, traffic: object, peer: object): object => ({
  type: 'AuthorizeRules',
  accountId,
  group: { groupName },
  direction: 'ingress',
  rules: [{ ruleId: rule(n), traffic, peer }],
});
const revoke = (groupName: string, n: number): object => ({
  type: 'RevokeRules',
  accountId,
  group: { groupName },
  direction: 'ingress',
  permissions: [],
  ruleIds: [rule(n)],
});
const launch = (n: number, ...groupNames: readonly string[]): object => ({
  type: 'LaunchInstances',
  accountId,
  reservationId: 'r-00000001',
  instanceIds: [`i-0000000${n}`],
  atLeast: 1,
  groups: groupNames.map((groupName) => ({ groupName })),
  imageId: 'ami-1',
  instanceType: 't3.micro',
});
const PAST: readonly object[] = [
  {
    type: 'OpenAccount',
    accountId,
    vpcId: 'vpc-00000001',
    defaultGroupId: group(9),
    ruleIds: ['sgr-a0000009', 'sgr-b0000009', 'sgr-c0000009'],
  },
  { type: 'EnrollHost', hostId: 'host-1', ranges: ['10.0.1.0/24'] },
  create('web', 1),
  create('ops', 2),
  create('idle', 3),
  authorize('web', 1, tcp(80), block('0.0.0.0/0')),
  authorize('ops', 2, tcp(22), block('10.0.0.0/8')),
  launch(1, 'web'),
  launch(2, 'web', 'ops'),
];

function given(past: readonly object[]) {
  const state = initialCellState();
  const execute = (command: object): readonly Event[] => {
    const decision = decide(command as Command, state);
    if (!decision.accepted) throw new Error(JSON.stringify(decision.refusal));
    return decision.events;
  };
  for (const command of past) for (const event of execute(command)) evolve(state, event);
  return (...changes: readonly object[]) =>
    effectOf(execute({ type: 'ApplyChangeSet', accountId, changes }), state);
}

it('says nothing at all of what is launched', () => {
  const launched = { type: 'InstanceLaunched' } as Event;
  expect(effectOf([launched], initialCellState())).toBeUndefined();
});

it('says what opens and closes for which instances, and what peers stand for', () => {
  const effect = given(PAST)(revoke('web', 1), authorize('web', 3, tcp(443), named('ops')));
  const change = {
    opened: [{ direction: 'ingress', traffic: tcp(443), peer: { groupId: group(2) }, except: [] }],
    closed: [{ traffic: tcp(80), peer: block('0.0.0.0/0'), except: [] }],
  };
  expect(effect).toMatchObject({
    instances: [
      { groups: [{ name: 'web' }], instanceIds: ['i-00000001'], ...change },
      { groups: [{ name: 'web' }, { name: 'ops' }], instanceIds: ['i-00000002'], ...change },
    ],
    peers: [{ groupId: group(2), name: 'ops', addresses: ['10.0.1.5'] }],
    withoutInstances: [],
  });
});

it('says nothing of what another group permits already, or still', () => {
  const past = [...PAST, authorize('web', 4, tcp(20, 30), block('10.1.0.0/16'))];
  const onlyWeb = { instances: [{ instanceIds: ['i-00000001'] }] };
  expect(given(past)(authorize('web', 5, tcp(22), block('10.9.0.0/16')))).toMatchObject(onlyWeb);
  expect(given(past)(authorize('ops', 5, tcp(25), block('10.1.2.0/24')))?.instances).toEqual([]);
});

it('says what stays of what is narrowed, and what was there of what is widened', () => {
  const past = [...PAST, authorize('web', 4, tcp(8080), block('10.1.0.0/16'))];
  const narrow = { traffic: tcp(80), peer: block('192.0.2.0/24') };
  expect(given(past)(revoke('web', 1), authorize('web', 5, narrow.traffic, narrow.peer))).toMatchObject({
    instances: [
      { opened: [], closed: [{ peer: block('0.0.0.0/0'), except: [narrow] }] },
      { opened: [], closed: [{ peer: block('0.0.0.0/0'), except: [narrow] }] },
    ],
  });
  expect(given(past)(revoke('web', 4), authorize('web', 5, tcp(8080), block('10.0.0.0/8')))).toMatchObject({
    instances: [
      { opened: [{ except: [{ peer: block('10.1.0.0/16') }] }], closed: [] },
      { opened: [{}], closed: [] },
    ],
  });
});

it('names groups that no instance wears, new ones too, and none that are gone', () => {
  const changes = [
    create('new', 4),
    authorize('new', 5, tcp(1), named('web')),
    authorize('idle', 6, tcp(1), block('::/0')),
  ];
  const idle = { groupId: group(3), name: 'idle' };
  expect(given(PAST)(...changes)).toEqual({
    instances: [],
    peers: [],
    withoutInstances: [{ groupId: group(4), name: 'new' }, idle],
  });
  expect(given(PAST)({ type: 'DeleteGroup', accountId, group: { groupName: 'idle' } })).toEqual({
    instances: [],
    peers: [],
    withoutInstances: [],
  });
});

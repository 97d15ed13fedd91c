import fc from 'fast-check';
import {
  HOST_INTERFACE,
  type Cidr,
  type Flow,
  type GroupId,
  type InstanceId,
  type IpAddress,
  type RuleId,
  type Traffic,
} from '#libs/domain';
import type { Compilation, GroupNumber, HostPolicy, PolicyInstance, PolicyRule } from '../index.js';

/** Few of everything, so that rules overlap, share elements and name each other's members. */
const groups: readonly GroupNumber[] = [1, 2, 3, 4].map((number) => ({
  groupId: `sg-0000000${number}` as GroupId,
  number,
}));
const ipv4 = ['10.0.0.4', '10.0.0.5', '10.0.1.4', '192.0.2.1'] as IpAddress[];
const ipv6 = ['fd00::4', 'fd00::5', 'fd00:1::4', '2001:db8::1'] as IpAddress[];
const cidrs = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.0.0.0/24',
  '10.0.0.4/32',
  '192.0.2.0/25',
  '::/0',
  'fd00::/16',
  'fd00::5/128',
];

const groupNumber = fc.constantFrom(...groups);
const port = fc.constantFrom(0, 22, 79, 80, 81, 1023, 1024, 4096, 65535);
export const traffic: fc.Arbitrary<Traffic> = fc.oneof(
  fc.constant<Traffic>({ kind: 'all' }),
  fc.constantFrom(47, 50, 51).map((protocol): Traffic => ({ kind: 'protocol', protocol })),
  fc.tuple(fc.constantFrom(6, 17), port, port).map(([protocol, a, b]): Traffic => ({
    kind: 'ports',
    protocol: protocol as 6,
    from: Math.min(a, b),
    to: Math.max(a, b),
  })),
  fc.constantFrom<Traffic>(
    { kind: 'icmp', protocol: 1 },
    { kind: 'icmp', protocol: 1, type: 8 },
    { kind: 'icmp', protocol: 1, type: 3, code: 4 },
    { kind: 'icmp', protocol: 58, type: 128 },
  ),
);

/** The place of the host itself. */
export const HOST_PLACE = 3;
export const hostAddresses: readonly IpAddress[] = [ipv4, ipv6].map((all) => all[HOST_PLACE] as IpAddress);

/** Instances have fixed places, so that an address belongs to one at a time; the last is the host's own. */
const instances = fc
  .tuple(
    fc.nat(3),
    fc.uniqueArray(groupNumber, { minLength: 1, maxLength: 4, selector: ({ number }) => number }),
  )
  .map(([place, own]): PolicyInstance => ({
    instanceId: `i-0000000${place}` as InstanceId,
    interfaceName: place === HOST_PLACE ? HOST_INTERFACE : `ri-${place}`,
    addresses: [ipv4[place], ipv6[place]] as IpAddress[],
    groups: own,
  }));

const rules = fc
  .record({
    id: fc.nat(12),
    group: groupNumber,
    direction: fc.constantFrom('ingress' as const, 'egress' as const),
    traffic,
    peer: fc.oneof(
      fc.constantFrom(...cidrs).map((cidr) => ({ kind: 'cidr' as const, cidr: cidr as Cidr })),
      groupNumber.map((peer) => ({ kind: 'group' as const, ...peer })),
    ),
  })
  .map(({ id, ...rule }): PolicyRule => ({ ruleId: `sgr-0000000${id.toString(16)}` as RuleId, ...rule }));

export type Change =
  | { readonly launch: PolicyInstance }
  | { readonly authorize: PolicyRule }
  | { readonly join: readonly [GroupNumber, IpAddress] };

/** The same change twice is its opposite, so that any sequence is sound. */
export const changes: fc.Arbitrary<readonly Change[]> = changesOf(0, 30);

/** Enough of everything that packets meet rules. */
export const manyChanges = changesOf(20, 60);

function changesOf(minLength: number, maxLength: number): fc.Arbitrary<readonly Change[]> {
  return fc.array(
    fc.oneof(
      { weight: 1, arbitrary: instances.map((launch) => ({ launch })) },
      { weight: 3, arbitrary: rules.map((authorize) => ({ authorize })) },
      {
        weight: 2,
        arbitrary: fc.tuple(groupNumber, fc.constantFrom(...ipv4, ...ipv6)).map((join) => ({ join })),
      },
    ),
    { minLength, maxLength, size: 'max' },
  );
}

export interface Replay {
  readonly instances: Map<InstanceId, PolicyInstance>;
  readonly rules: Map<RuleId, PolicyRule>;
  readonly members: Map<GroupId, { number: number; addresses: Set<IpAddress> }>;
}

export const replay = (): Replay => ({ instances: new Map(), rules: new Map(), members: new Map() });

export function applyChange(state: Replay, change: Change, compilation?: Compilation): void {
  if ('launch' in change) {
    const known = state.instances.get(change.launch.instanceId);
    if (known) {
      state.instances.delete(known.instanceId);
      compilation?.terminate(known);
    } else {
      state.instances.set(change.launch.instanceId, change.launch);
      compilation?.launch(change.launch);
    }
  } else if ('authorize' in change) {
    const known = state.rules.get(change.authorize.ruleId);
    if (known) {
      state.rules.delete(known.ruleId);
      compilation?.revoke(known);
    } else {
      state.rules.set(change.authorize.ruleId, change.authorize);
      compilation?.authorize(change.authorize);
    }
  } else {
    const [{ groupId, number }, address] = change.join;
    const { addresses } = state.members.getOrInsertComputed(groupId, () => ({
      number,
      addresses: new Set(),
    }));
    if (addresses.delete(address)) compilation?.leave(number, address);
    else {
      addresses.add(address);
      compilation?.join(number, address);
    }
  }
}

export const toPolicy = (state: Replay): HostPolicy => state;

const flows: fc.Arbitrary<Flow> = fc.oneof(
  fc.tuple(fc.constantFrom(6, 17), port).map(([protocol, to]) => ({ protocol, port: to })),
  fc.constantFrom(47, 50, 51, 132).map((protocol) => ({ protocol })),
  fc.constantFrom(
    { protocol: 1, type: 8, code: 0 },
    { protocol: 1, type: 3, code: 4 },
    { protocol: 58, type: 128, code: 0 },
  ),
);

export const hostPackets = fc
  .record({
    family: fc.constantFrom(ipv4, ipv6),
    from: fc.nat(3),
    to: fc.nat(3),
    flow: flows,
    reply: fc.boolean(),
  })
  .filter(({ from, to }) => from !== to)
  .map(({ family, from, to, flow, reply }) => ({
    source: family[from] as IpAddress,
    destination: family[to] as IpAddress,
    flow,
    reply,
  }));

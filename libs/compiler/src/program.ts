import { AH, HOST_INTERFACE, ICMP, ICMPV6, TCP, type AddressFamily, type Direction } from '#libs/domain';
import { addressOperand, CONNECTION, serviceOperand, STRAY, type PacketFields } from './fields.js';
import { HOST_CHAINS } from './host-chains.js';
import type { Chain, Expression, NftSet, Operand, Statement } from './ruleset.js';
import { compareShapes, shapeName, type Shape } from './shapes.js';

/** What the program must be able to look up; it changes rarely, and the program with it. */
export interface Inventory {
  /** The most groups that an instance here wears; 1 where none is. */
  readonly ownSlots: number;
  /** The most groups that any known address of a family is a member of. */
  readonly peerSlots: Readonly<Record<AddressFamily, number>>;
  readonly shapes: readonly Shape[];
}

export const INTERFACES: NftSet = { name: 'interfaces', key: ['ifname'] };
export const SOURCES: Readonly<Record<AddressFamily, NftSet>> = {
  4: { name: 'sources_ip', key: ['ifname', 'ipv4_addr'] },
  6: { name: 'sources_ip6', key: ['ifname', 'ipv6_addr'] },
};

/** Interface of an instance → the number of its k-th group. */
export const ownSlot = (k: number): NftSet => ({ name: `groups_${k}`, key: ['ifname'], value: 'mark' });
/** Address → the number of the k-th group that it is a member of. */
export const peerSlot = (family: AddressFamily, k: number): NftSet =>
  family === 4
    ? { name: `members_ip_${k}`, key: ['ipv4_addr'], value: 'classid' }
    : { name: `members_ip6_${k}`, key: ['ipv6_addr'], value: 'classid' };

/** After the filter chains of others (0): what they drop stays dropped, and they see packets as they came. */
const PRIORITY = 10;

const field = (name: Operand['field']): Operand => ({ field: name });
const is = (name: Operand['field'], equals: string | number): Expression => ({ match: field(name), equals });
const isNot = (name: Operand['field'], equals: string | number): Expression => ({
  ...is(name, equals),
  negate: true,
});
const known = (name: 'iifname' | 'oifname'): Expression => ({ lookup: [field(name)], set: INTERFACES.name });
const unknown = (name: 'iifname' | 'oifname'): Expression => ({ ...known(name), negate: true });
/** Known, with the number of the first group that it wears in the mark. */
const wears = (name: 'iifname' | 'oifname'): Expression => ({
  assign: 'mark',
  key: [field(name)],
  map: ownSlot(1).name,
});
const goto = (chain: string): Expression => ({ verdict: { goto: chain } });
const jump = (chain: string): Expression => ({ verdict: { jump: chain } });
const DROP: Expression = { verdict: 'drop' };
const ACCEPT: Expression = { verdict: 'accept' };

/**
 * The chains, as a function of what is in use. A packet is judged for the sender, then for the receiver; whichever
 * of the two is no instance of this host asks for nothing. The way there depends on whose first packet it was:
 *
 *     forward ───────────────────────────→ judge → from (guard) → send ─ egress → admitted → receive ─ ingress → permit
 *     input, output → host (host_in, host_out) ↗  ↘ to ──────────────────────────────────↗
 *     send_back … receive_back: the same for answers; stray …: ICMP that belongs to no connection
 *
 * Each packet pays for each lookup, so that what one chain has found out, the next does not ask again: `receive` and
 * `send_back` begin with the receiver's first group in the mark.
 */
export function programOf(inventory: Inventory, interfaces: readonly string[]): readonly Chain[] {
  const shapes = inventory.shapes.toSorted(compareShapes);
  /** For packets of which that interface is known to be an instance's. */
  const side = (chain: string, name: 'iifname' | 'oifname', to: string): Chain => ({
    name: chain,
    statements: [[wears(name), jump(to)], ...furtherSlots(inventory, name, to), [DROP]],
  });
  /** The same where its first group has been found already; and the chain that finds it before. */
  const foundSide = (chain: string, to: string): readonly Chain[] => [
    { name: `find_${chain}`, statements: [[wears('oifname'), goto(chain)], [DROP]] },
    { name: chain, statements: [[jump(to)], ...furtherSlots(inventory, 'oifname', to), [DROP]] },
  ];
  const lookups = (
    name: string,
    direction: Direction,
    fields: PacketFields,
    then: string,
  ): readonly Chain[] => {
    const own = shapes.filter((shape) => shape.direction === direction);
    return shapeChains(name, own, inventory, direction, fields, then);
  };
  return [
    ...(['forward', 'input', 'output'] as const).map(baseChain),
    host(interfaces),
    judge(interfaces),
    from(interfaces),
    TO,
    GUARD,
    ...HOST_CHAINS,
    side('send', 'iifname', 'egress'),
    ...foundSide('send_back', 'egress'),
    ...lookups('egress', 'egress', CONNECTION, 'admitted'),
    ADMITTED,
    ...foundSide('receive', 'ingress'),
    side('receive_back', 'iifname', 'ingress'),
    ...lookups('ingress', 'ingress', CONNECTION, 'permit'),
    side('stray_send', 'iifname', 'stray_egress'),
    ...lookups('stray_egress', 'egress', STRAY, 'stray_admitted'),
    STRAY_ADMITTED,
    ...foundSide('stray_receive', 'stray_ingress'),
    ...lookups('stray_ingress', 'ingress', STRAY, 'permit'),
    PERMIT,
  ];
}

/**
 * Neighbour discovery (RFC 4861: types 133-137) is between neighbours, and is never forwarded; nor are reports of who
 * listens (RFC 2710 and 3810: types 130-132 and 143), without which some switches pass no neighbour discovery on.
 */
const NEIGHBOUR_DISCOVERY: readonly Statement[] = [130, 131, 132, 133, 134, 135, 136, 137, 143].map(
  (type) => [
    is('l4proto', ICMPV6),
    { match: { field: 'th type-code', mask: 0xff00 }, equals: type << 8 },
    ACCEPT,
  ],
);

function baseChain(hook: 'forward' | 'input' | 'output'): Chain {
  const base = { hook, priority: PRIORITY, policy: 'accept' } as const;
  const statements = hook === 'forward' ? [[goto('judge')]] : [...NEIGHBOUR_DISCOVERY, [goto('host')]];
  return { name: hook, base, statements };
}

/** What is open whatever the host's policy says is open to others; to instances here by their own rules only. */
const host = (interfaces: readonly string[]): Chain => {
  const isOthers = (name: 'iifname' | 'oifname'): Statement => [
    unknown(name),
    ...interfaces.map((pattern) => isNot(name, pattern)),
  ];
  return {
    name: 'host',
    statements: [
      [is('oifname', HOST_INTERFACE), known('oifname'), ...isOthers('iifname'), jump('host_in')],
      [is('iifname', HOST_INTERFACE), known('iifname'), ...isOthers('oifname'), jump('host_out')],
      [goto('judge')],
    ],
  };
};

const TCP_NOT_BEGINNING: Statement = [
  is('l4proto', TCP),
  { match: { field: 'ct state', mask: 8 }, equals: 8 },
  { match: { field: 'tcp flags', mask: 0x17 }, equals: 0x02, negate: true },
  DROP,
];

const judge = (interfaces: readonly string[]): Chain => ({
  name: 'judge',
  statements: [
    [known('iifname'), goto('from')],
    // An interface named as ours that no policy speaks of yet: nothing in, nothing out.
    ...interfaces.map((pattern) => [is('iifname', pattern), DROP]),
    [wears('oifname'), goto('to')],
    [known('oifname'), DROP],
    ...interfaces.map((pattern) => [is('oifname', pattern), DROP]),
    [ACCEPT],
  ],
});

const ORIGINAL = is('ct direction', 0);
const REPLY = is('ct direction', 1);
/** Without a connection only ICMP may pass. */
const NO_ICMP: Statement = [isNot('l4proto', ICMP), isNot('l4proto', ICMPV6), DROP];

/** From an instance, to another or to elsewhere. */
const from = (interfaces: readonly string[]): Chain => ({
  name: 'from',
  statements: [
    ...interfaces.map((pattern) => [is('oifname', pattern), unknown('oifname'), DROP]),
    [isNot('iifname', HOST_INTERFACE), jump('guard')],
    // A connection begins with its SYN: picked up in the middle, nobody could tell who began it.
    TCP_NOT_BEGINNING,
    [ORIGINAL, goto('send')],
    [REPLY, known('oifname'), goto('find_send_back')],
    [REPLY, goto('receive_back')],
    NO_ICMP,
    [goto('stray_send')],
  ],
});

/** From elsewhere to an instance. */
const TO: Chain = {
  name: 'to',
  statements: [
    TCP_NOT_BEGINNING,
    [ORIGINAL, goto('receive')],
    [REPLY, goto('send_back')],
    NO_ICMP,
    [goto('stray_receive')],
  ],
};

/** The sender may send it; now for the receiver, if that is an instance here. */
const ADMITTED: Chain = {
  name: 'admitted',
  statements: [
    [ORIGINAL, known('oifname'), goto('find_receive')],
    [REPLY, known('iifname'), goto('receive_back')],
    [goto('permit')],
  ],
};

const STRAY_ADMITTED: Chain = {
  name: 'stray_admitted',
  statements: [[known('oifname'), goto('find_stray_receive')], [goto('permit')]],
};

/** Membership is by address, so an instance may only send from its own. */
const GUARD: Chain = {
  name: 'guard',
  statements: [
    [{ lookup: [field('iifname'), field('ip saddr')], set: SOURCES[4].name }, { verdict: 'return' }],
    [{ lookup: [field('iifname'), field('ip6 saddr')], set: SOURCES[6].name }, { verdict: 'return' }],
    [DROP],
  ],
};

/** The scratch fields are emptied: a group's number in them must mean nothing to chains and qdiscs after ours. */
const PERMIT: Chain = {
  name: 'permit',
  statements: [[{ assign: 'mark', constant: 0 }, { assign: 'priority', constant: 0 }, ACCEPT]],
};

function furtherSlots(
  { ownSlots }: Inventory,
  name: 'iifname' | 'oifname',
  to: string,
): readonly Statement[] {
  return Array.from({ length: ownSlots - 1 }, (_, index) => [
    { assign: 'mark', key: [field(name)], map: ownSlot(index + 2).name },
    jump(to),
  ]);
}

/**
 * A chain for the CIDR shapes, which goes on, slot by slot, to one for those whose peer is a group. The slots have a
 * chain of their own, which new shapes don't replace: to bind a map to a chain, the kernel walks all of its elements.
 */
function shapeChains(
  name: string,
  shapes: readonly Shape[],
  { peerSlots }: Inventory,
  direction: Direction,
  fields: PacketFields,
  then: string,
): readonly Chain[] {
  const statements = (some: readonly Shape[]): readonly Statement[] =>
    some.flatMap((shape) => {
      const lookup = keyOperands(shape, fields);
      if (!lookup) return [];
      const found: Statement = [{ lookup, set: shapeName(shape) }, goto(then)];
      const behind = keyOperands(shape, { ...fields, protocol: 'ip6 nexthdr' });
      if (!behind || !mayMeanAhOverIpv6(shape)) return [found];
      return [found, [is('ip6 nexthdr', AH), { lookup: behind, set: shapeName(shape) }, goto(then)]];
    });
  const blocks = statements(shapes.filter(({ peer }) => peer !== 'group'));
  const groups = statements(shapes.filter(({ peer }) => peer === 'group'));
  const perSlot = ([4, 6] as const).flatMap((family) =>
    Array.from({ length: groups.length > 0 ? peerSlots[family] : 0 }, (_, index): Statement => [
      {
        assign: 'priority',
        key: [field(fields.far(direction, family))],
        map: peerSlot(family, index + 1).name,
      },
      jump(`${name}_groups`),
    ]),
  );
  return [
    { name, statements: [...blocks, ...(perSlot.length > 0 ? [[goto(`${name}_peers`)]] : [])] },
    { name: `${name}_peers`, statements: perSlot },
    { name: `${name}_groups`, statements: groups },
  ];
}

/** Connection tracking looks through AH in IPv6, where it is a header between others: a rule for it asks the packet. */
const mayMeanAhOverIpv6 = ({ peer, service }: Shape): boolean =>
  service.kind === 'protocol' && (peer === 'group' || peer.family === 6);

function keyOperands(
  { direction, peer, service }: Shape,
  fields: PacketFields,
): readonly Operand[] | undefined {
  const far =
    peer === 'group'
      ? field('priority')
      : addressOperand(fields.far(direction, peer.family), peer.family, peer.prefixLength);
  const own = [field('mark'), far];
  switch (service.kind) {
    case 'all':
      return own;
    case 'protocol':
      return [...own, field(fields.protocol)];
    case 'port':
      return fields.port && [...own, field(fields.protocol), serviceOperand(fields.port, service.bits)];
    case 'icmp':
      return [...own, field(fields.protocol), serviceOperand(fields.icmp, service.bits)];
  }
}

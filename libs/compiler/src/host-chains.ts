import type { Port } from './host-policy.js';
import type { Chain, ElementKey, Field, NftSet, Statement } from './ruleset.js';

const key = ['inet_proto', 'inet_service'] as const;

/** Ports of the host that stay open to others, and ports of others that stay open to the host. */
export const FAILSAFE: Readonly<Record<'in' | 'out', NftSet>> = {
  in: { name: 'failsafe_in', key },
  out: { name: 'failsafe_out', key },
};

export const failsafeKey = ({ protocol, port }: Port): ElementKey => [protocol, port];

const openWhere = (protocol: Field, port: Field, { name }: NftSet, ...first: Statement): Statement => [
  ...first,
  { lookup: [{ field: protocol }, { field: port }], set: name },
  { verdict: 'accept' },
];

/** By the packet's own header, so that connection tracking is not needed to get in. */
const byHeader = (port: 'th sport' | 'th dport', set: NftSet): Statement => openWhere('l4proto', port, set);

/** Of a connection, in one direction: answers, and ICMP errors about it. */
const byConnection = (direction: 0 | 1, set: NftSet): Statement =>
  openWhere('ct original protocol', 'ct reply proto-src', set, {
    match: { field: 'ct direction' },
    equals: direction,
  });

const loopback = (name: 'iifname' | 'oifname'): Statement => [
  { match: { field: name }, equals: 'lo' },
  { verdict: 'accept' },
];

/**
 * For a host that is an instance itself. What its failsafe ports need is exact: an answer from a port that is open
 * outward must belong to a connection, or anybody could come in from that port.
 */
export const HOST_CHAINS: readonly Chain[] = [
  {
    name: 'host_in',
    statements: [
      loopback('iifname'),
      byHeader('th dport', FAILSAFE.in),
      byConnection(0, FAILSAFE.in),
      byConnection(1, FAILSAFE.out),
    ],
  },
  {
    name: 'host_out',
    statements: [
      loopback('oifname'),
      byHeader('th sport', FAILSAFE.in),
      byHeader('th dport', FAILSAFE.out),
      byConnection(1, FAILSAFE.in),
      byConnection(0, FAILSAFE.out),
    ],
  },
];

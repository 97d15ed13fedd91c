import type { XmlElement } from '../connection/xml-element.js';
import type { Row } from '../rows.js';
import type { Direction, Peer, Permission } from './permission.js';

/** Whose permission it is; the classic tools leave the owner out where they only repeat what was asked for. */
export interface Holder {
  readonly owner: string | undefined;
  readonly groupName: string | undefined;
}

/** One line for each peer. */
export const permissionRows = (
  { owner, groupName }: Holder,
  direction: Direction,
  { traffic, peers }: Permission,
): readonly Row[] =>
  peers.map((peer) => [
    'PERMISSION',
    owner,
    groupName,
    'ALLOWS',
    traffic.protocol === '-1' ? 'all' : traffic.protocol,
    traffic.from,
    traffic.to,
    direction === 'ingress' ? 'FROM' : 'TO',
    ...peerFields(peer),
    direction,
  ]);

/** `NAME x` and `ID x` are single fields with a space in them, and there even when empty. */
function peerFields(peer: Peer): readonly (string | undefined)[] {
  if (peer.kind === 'cidr') return ['CIDR', peer.cidr];
  if (peer.kind === 'prefixList') return ['PREFIXLIST', peer.id];
  return ['USER', peer.owner, peer.name && `NAME ${peer.name}`, peer.id && `ID ${peer.id}`];
}

/** From an item of `ipPermissions`, `ipPermissionsEgress` or `unknownIpPermissionSet`. */
export function permissionFrom(element: XmlElement): Permission {
  const cidrs = [
    ...element.items('ipRanges').map((range) => range.text('cidrIp')),
    ...element.items('ipv6Ranges').map((range) => range.text('cidrIpv6')),
  ];
  const lists = element.items('prefixListIds').map((list) => list.text('prefixListId'));
  return {
    traffic: trafficOf(element),
    peers: [
      ...cidrs.map((cidr = ''): Peer => ({ kind: 'cidr', cidr })),
      ...lists.map((id = ''): Peer => ({ kind: 'prefixList', id })),
      ...element.items('groups').map(groupPeerFrom),
    ],
  };
}

/** From an item of `revokedSecurityGroupRuleSet`, which is a rule and so has one peer. */
export function permissionFromRule(element: XmlElement): Permission {
  const cidr = element.text('cidrIpv4') ?? element.text('cidrIpv6');
  const list = element.text('prefixListId');
  const group = {
    owner: element.text('referencedGroupInfo.userId'),
    id: element.text('referencedGroupInfo.groupId'),
  };
  const peer: Peer = cidr
    ? { kind: 'cidr', cidr }
    : list
      ? { kind: 'prefixList', id: list }
      : { kind: 'group', name: undefined, ...group };
  return { traffic: trafficOf(element), peers: [peer] };
}

const groupPeerFrom = (element: XmlElement): Peer => ({
  kind: 'group',
  owner: element.text('userId'),
  name: element.text('groupName'),
  id: element.text('groupId'),
});

/** Rules of every protocol carry ports of -1, permissions none: both have no ports. */
function trafficOf(element: XmlElement): Permission['traffic'] {
  const protocol = element.text('ipProtocol') ?? '';
  const [from, to] = [element.text('fromPort'), element.text('toPort')];
  return { protocol, ...(protocol !== '-1' && from && to && { from, to }) };
}

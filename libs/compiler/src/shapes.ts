import type { AddressFamily, Direction } from '#libs/domain';
import { PROTOCOL, SERVICE } from './fields.js';
import type { DataType, NftSet } from './ruleset.js';

/**
 * Permissions of one shape share one hash set, and the program tries each shape in use (tuple-space search): what
 * differs between shapes is only how many bits of the far address and of the port are compared.
 */
export interface Shape {
  readonly direction: Direction;
  readonly peer: PeerShape;
  readonly service: ServiceShape;
}

/** A CIDR block by its family and prefix length, or the number of the group that the far address belongs to. */
export type PeerShape = { readonly family: AddressFamily; readonly prefixLength: number } | 'group';

/** `bits` is how many leading bits of the 16 of a port, or of an ICMP type and code, are compared. */
export type ServiceShape =
  | { readonly kind: 'all' }
  | { readonly kind: 'protocol' }
  | { readonly kind: 'port'; readonly bits: number }
  | { readonly kind: 'icmp'; readonly bits: number };

/** Such as `ingress_ip_24_port_16`, `egress_ip6_0_all`, `ingress_group_icmp_8`: how people meet it in `nft list`. */
export function shapeName({ direction, peer, service }: Shape): string {
  const from = peer === 'group' ? 'group' : `${peer.family === 4 ? 'ip' : 'ip6'}_${peer.prefixLength}`;
  const what = 'bits' in service ? `${service.kind}_${service.bits}` : service.kind;
  return `${direction}_${from}_${what}`;
}

/** The set's key: own group . far end . protocol . port, as far as the shape has them. */
export function shapeSet(shape: Shape): NftSet {
  const { peer, service } = shape;
  const far: DataType = peer === 'group' ? 'classid' : peer.family === 4 ? 'ipv4_addr' : 'ipv6_addr';
  const what: readonly DataType[] =
    service.kind === 'all' ? [] : service.kind === 'protocol' ? [PROTOCOL] : [PROTOCOL, SERVICE];
  return { name: shapeName(shape), key: ['mark', far, ...what] };
}

/** Likely ones first: a match ends the search. */
export function compareShapes(one: Shape, other: Shape): number {
  return rank(one) - rank(other) || shapeName(one).localeCompare(shapeName(other));
}

function rank({ peer, service }: Shape): number {
  const narrow = peer === 'group' ? 0 : peer.prefixLength;
  return (service.kind === 'port' ? 0 : 1000) + ('bits' in service ? 16 - service.bits : 0) + narrow;
}

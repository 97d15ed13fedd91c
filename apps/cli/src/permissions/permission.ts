import type { Parameters } from '../verb.js';
import { structures } from '../parameters.js';

/** What one permission lets through; `-1` is every protocol, and has no ports. */
export interface Traffic {
  readonly protocol: string;
  /** For ICMP the type, as EC2 has it. */
  readonly from?: string;
  /** For ICMP the code. */
  readonly to?: string;
}

export type Peer =
  | { readonly kind: 'cidr'; readonly cidr: string }
  | { readonly kind: 'prefixList'; readonly id: string }
  | {
      readonly kind: 'group';
      readonly owner: string | undefined;
      readonly name: string | undefined;
      readonly id: string | undefined;
    };

export interface Permission {
  readonly traffic: Traffic;
  readonly peers: readonly Peer[];
}

export type Direction = 'ingress' | 'egress';

/** `IpPermissions.N` and all below. */
export const permissionParameters = (permissions: readonly Permission[]): Parameters =>
  structures('IpPermissions', permissions, ({ traffic, peers }) => {
    const cidrs = peers.flatMap((peer) => (peer.kind === 'cidr' ? [peer.cidr] : []));
    const lists = peers.filter((peer) => peer.kind === 'prefixList');
    const groups = peers.filter((peer) => peer.kind === 'group');
    return {
      IpProtocol: traffic.protocol,
      FromPort: traffic.from,
      ToPort: traffic.to,
      ...structures(
        'IpRanges',
        cidrs.filter((cidr) => !isIpv6(cidr)),
        (CidrIp) => ({ CidrIp }),
      ),
      ...structures('Ipv6Ranges', cidrs.filter(isIpv6), (CidrIpv6) => ({ CidrIpv6 })),
      ...structures('PrefixListIds', lists, ({ id }) => ({ PrefixListId: id })),
      ...structures('Groups', groups, ({ owner, name, id }) => ({
        UserId: owner,
        GroupName: name,
        GroupId: id,
      })),
    };
  });

const isIpv6 = (cidr: string): boolean => cidr.includes(':');

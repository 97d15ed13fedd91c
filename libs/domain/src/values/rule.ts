import type { Cidr } from './cidr.js';
import type { AccountId, GroupId, PrefixListId, RuleId } from './ids.js';
import { familyOf, type AddressFamily } from './ip-address.js';
import { trafficKey, type Traffic } from './traffic.js';

export type Direction = 'ingress' | 'egress';

/**
 * The far end of a rule, whichever direction. A group means the addresses of its instances, now and later; a prefix
 * list means its blocks, now and later.
 */
export type Peer =
  | { readonly kind: 'cidr'; readonly cidr: Cidr }
  | { readonly kind: 'group'; readonly accountId: AccountId; readonly groupId: GroupId }
  | {
      readonly kind: 'prefix-list';
      readonly prefixListId: PrefixListId;
      /** Of all of its blocks. */
      readonly family: AddressFamily;
    };

/** One allow rule of one security group. There is no deny: what no rule allows is dropped. */
export interface Rule {
  readonly ruleId: RuleId;
  readonly groupId: GroupId;
  readonly direction: Direction;
  readonly traffic: Traffic;
  readonly peer: Peer;
  readonly description?: string;
}

/** The same rule with that description, or with none. */
export function withDescription(rule: Rule, description: string | undefined): Rule {
  const { description: _, ...rest } = rule;
  return description === undefined ? rest : { ...rest, description };
}

export type Permission = Pick<Rule, 'direction' | 'traffic' | 'peer'>;

/** Equal exactly for rules that permit the same; descriptions and ids don't count. */
export const permissionKey = ({ direction, traffic, peer }: Permission): string =>
  `${direction} ${trafficKey(traffic)} ${peerKey(peer)}`;

/** What clients name the far end by: a block, or the id of a group or of a prefix list. */
export function peerKey(peer: Peer): Cidr | GroupId | PrefixListId {
  switch (peer.kind) {
    case 'cidr':
      return peer.cidr;
    case 'group':
      return peer.groupId;
    case 'prefix-list':
      return peer.prefixListId;
  }
}

export type RuleQuota = `${Direction} ${4 | 6}`;

// Made once, and chosen by comparison: they are looked up with every rule of a log that is replayed.
const INGRESS = quotasIn('ingress');
const EGRESS = quotasIn('egress');

/** The quotas that a rule counts against: EC2 counts IPv4 and IPv6 apart, and a group peer in both. */
export function quotasOf({ direction, peer }: Permission): readonly RuleQuota[] {
  const quotas = direction === 'ingress' ? INGRESS : EGRESS;
  if (peer.kind === 'group') return quotas.both;
  const family = peer.kind === 'cidr' ? familyOf(peer.cidr) : peer.family;
  return family === 4 ? quotas.ipv4 : quotas.ipv6;
}

function quotasIn(direction: Direction): Readonly<Record<'ipv4' | 'ipv6' | 'both', readonly RuleQuota[]>> {
  return {
    ipv4: [`${direction} 4`],
    ipv6: [`${direction} 6`],
    both: [`${direction} 4`, `${direction} 6`],
  };
}

import {
  familyOf,
  trafficKey,
  type Peer,
  type RequestedPermission,
  type Rule,
  type Traffic,
} from '#libs/domain';
import type { Directory, RuleView } from '#libs/projections';
import { protocolAndPorts, type Xml } from '#libs/protocol';
import { arnOf, type ActionContext } from './action.js';
import { tagSetXml } from './tags.js';

/** A rule as SecurityGroupRule: one by one, with its id. */
export function ruleXml(
  { rule, accountId, tags }: Pick<RuleView, 'rule' | 'accountId' | 'tags'>,
  { directory, region }: Pick<ActionContext, 'directory' | 'region'>,
): Xml {
  const { peer } = rule;
  return {
    securityGroupRuleId: rule.ruleId,
    groupId: rule.groupId,
    groupOwnerId: accountId,
    ...permissionFields(rule),
    referencedGroupInfo:
      peer.kind === 'group'
        ? { groupId: peer.groupId, userId: peer.accountId, vpcId: foreignVpc(peer, accountId, directory) }
        : undefined,
    description: rule.description,
    tagSet: tagSetXml(tags),
    securityGroupRuleArn: arnOf(region, accountId, 'security-group-rule', rule.ruleId),
  };
}

/** A rule that is no more, as RevokedSecurityGroupRule. */
export function revokedRuleXml(rule: Rule): Xml {
  const { peer } = rule;
  return {
    securityGroupRuleId: rule.ruleId,
    groupId: rule.groupId,
    ...permissionFields(rule),
    referencedGroupId: peer.kind === 'group' ? peer.groupId : undefined,
    description: rule.description,
  };
}

/** Unlike an IpPermission, rules say -1 for ports there are not. */
function permissionFields({ direction, traffic, peer }: Rule): { readonly [name: string]: Xml | undefined } {
  const { ipProtocol, fromPort = -1, toPort = -1 } = protocolAndPorts(traffic);
  return {
    isEgress: direction === 'egress',
    ipProtocol,
    fromPort,
    toPort,
    cidrIpv4: peer.kind === 'cidr' && familyOf(peer.cidr) === 4 ? peer.cidr : undefined,
    cidrIpv6: peer.kind === 'cidr' && familyOf(peer.cidr) === 6 ? peer.cidr : undefined,
    prefixListId: peer.kind === 'prefix-list' ? peer.prefixListId : undefined,
  };
}

/** Rules of one direction as IpPermissions: one for each protocol and port range, holding all of its peers. */
export function ipPermissionsXml(rules: Iterable<RuleView>, directory: Directory): readonly Xml[] {
  const byTraffic = Map.groupBy(rules, ({ rule }) => trafficKey(rule.traffic));
  return [...byTraffic.values()].flatMap((some): readonly Xml[] => {
    const peers = some.map((view) => peerXml(view, directory));
    return some[0] ? [permissionXml(some[0].rule.traffic, peers)] : [];
  });
}

/** A permission as it was asked for. */
export function requestedPermissionXml({ traffic, peer }: RequestedPermission): Xml {
  const item = peer.kind === 'group' ? { userId: peer.accountId, ...peer.group } : peerItem(peer);
  return permissionXml(traffic, [{ list: listOf(peer), item }]);
}

type PeerList = 'groups' | 'ipRanges' | 'ipv6Ranges' | 'prefixListIds';

/** A far end, and which list of an IpPermission it belongs in. */
interface PeerXml {
  readonly list: PeerList;
  readonly item: Xml;
}

function permissionXml(traffic: Traffic, peers: readonly PeerXml[]): Xml {
  const itemsOf = (list: PeerList): readonly Xml[] =>
    peers.flatMap((peer) => (peer.list === list ? [peer.item] : []));
  return {
    ...protocolAndPorts(traffic),
    groups: itemsOf('groups'),
    ipRanges: itemsOf('ipRanges'),
    ipv6Ranges: itemsOf('ipv6Ranges'),
    prefixListIds: itemsOf('prefixListIds'),
  };
}

function peerXml(
  { rule: { peer, description }, peerName, accountId }: RuleView,
  directory: Directory,
): PeerXml {
  const list = listOf(peer);
  if (peer.kind !== 'group') return { list, item: { ...peerItem(peer), description } };
  const { groupId, accountId: userId } = peer;
  const vpcId = foreignVpc(peer, accountId, directory);
  return { list, item: { userId, groupId, groupName: peerName, vpcId, description } };
}

function listOf(peer: Peer | RequestedPermission['peer']): PeerList {
  if (peer.kind === 'group') return 'groups';
  if (peer.kind === 'prefix-list') return 'prefixListIds';
  return familyOf(peer.cidr) === 4 ? 'ipRanges' : 'ipv6Ranges';
}

function peerItem(peer: Exclude<RequestedPermission['peer'], { kind: 'group' }>): { [name: string]: string } {
  if (peer.kind === 'prefix-list') return { prefixListId: peer.prefixListId };
  return familyOf(peer.cidr) === 4 ? { cidrIp: peer.cidr } : { cidrIpv6: peer.cidr };
}

/** EC2 names the VPC of a group that is not in the rule's own; of one that is gone it is not known any more. */
const foreignVpc = (
  peer: Extract<Peer, { kind: 'group' }>,
  ownAccountId: RuleView['accountId'],
  directory: Directory,
): string | undefined =>
  peer.accountId === ownAccountId ? undefined : directory.groups.get(peer.groupId)?.vpcId;

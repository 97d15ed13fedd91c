import { familyOf, type AccountId, type Rule } from '#libs/domain';
import type { Directory } from '#libs/projections';
import { protocolAndPorts, type Xml } from '#libs/protocol';
import { arnOf } from './action.js';

/** A rule as SecurityGroupRule: one by one, with its id. Unlike an IpPermission, it says -1 for ports there are not. */
export function ruleXml(rule: Rule, accountId: AccountId, region: string): Xml {
  const { ipProtocol, fromPort = -1, toPort = -1 } = protocolAndPorts(rule.traffic);
  const { peer } = rule;
  return {
    securityGroupRuleId: rule.ruleId,
    groupId: rule.groupId,
    groupOwnerId: accountId,
    isEgress: rule.direction === 'egress',
    ipProtocol,
    fromPort,
    toPort,
    cidrIpv4: peer.kind === 'cidr' && familyOf(peer.cidr) === 4 ? peer.cidr : undefined,
    cidrIpv6: peer.kind === 'cidr' && familyOf(peer.cidr) === 6 ? peer.cidr : undefined,
    prefixListId: peer.kind === 'prefix-list' ? peer.prefixListId : undefined,
    referencedGroupInfo:
      peer.kind === 'group' ? { groupId: peer.groupId, userId: peer.accountId } : undefined,
    description: rule.description,
    tagSet: [],
    securityGroupRuleArn: arnOf(region, accountId, 'security-group-rule', rule.ruleId),
  };
}

/** Rules of one direction as IpPermissions: one for each protocol and port range, holding all of its peers. */
export function ipPermissionsXml(rules: readonly Rule[], directory: Directory): readonly Xml[] {
  const byTraffic = Map.groupBy(rules, ({ traffic }) => JSON.stringify(protocolAndPorts(traffic)));
  return [...byTraffic.values()].flatMap((some) => {
    const [first] = some;
    if (!first) return [];
    const blocks = (family: 4 | 6, name: string): readonly Xml[] =>
      some.flatMap(({ peer, description }) =>
        peer.kind === 'cidr' && familyOf(peer.cidr) === family ? { [name]: peer.cidr, description } : [],
      );
    const groups = some.flatMap(({ peer, description }): readonly Xml[] => {
      if (peer.kind !== 'group') return [];
      const { groupId, accountId: userId } = peer;
      return [{ userId, groupId, groupName: directory.groups.get(groupId)?.name, description }];
    });
    const permission: Xml = {
      ...protocolAndPorts(first.traffic),
      groups,
      ipRanges: blocks(4, 'cidrIp'),
      ipv6Ranges: blocks(6, 'cidrIpv6'),
      prefixListIds: some.flatMap(({ peer, description }): readonly Xml[] =>
        peer.kind === 'prefix-list' ? [{ prefixListId: peer.prefixListId, description }] : [],
      ),
    };
    return [permission];
  });
}

import { familyOf, type Direction } from '#libs/domain';
import type { GroupView, RuleView } from '#libs/projections';
import { protocolAndPorts } from '#libs/protocol';
import type { FilterTable } from './filters.js';

type RuleValue = (view: RuleView) => string | undefined;

/** DescribeSecurityGroups: several rule filters may be satisfied by different rules of a group. */
export const GROUP_FILTERS: FilterTable<GroupView> = {
  description: ({ description }) => [description],
  'group-id': ({ groupId }) => [groupId],
  'group-name': ({ name }) => [name],
  'owner-id': ({ accountId }) => [accountId],
  'vpc-id': ({ vpcId }) => [vpcId],
  ...ruleFilters('ip-permission', 'ingress'),
  ...ruleFilters('egress.ip-permission', 'egress'),
};

function ruleFilters(prefix: string, direction: Direction): FilterTable<GroupView> {
  const values: Readonly<Record<string, RuleValue>> = {
    cidr: blockOf(4),
    'ipv6-cidr': blockOf(6),
    protocol: ({ rule: { traffic } }) => protocolAndPorts(traffic).ipProtocol,
    'from-port': ({ rule: { traffic } }) => protocolAndPorts(traffic).fromPort?.toString(),
    'to-port': ({ rule: { traffic } }) => protocolAndPorts(traffic).toPort?.toString(),
    'group-id': ({ rule: { peer } }) => (peer.kind === 'group' ? peer.groupId : undefined),
    'group-name': ({ peerName }) => peerName,
    'user-id': ({ rule: { peer } }) => (peer.kind === 'group' ? peer.accountId : undefined),
    'prefix-list-id': ({ rule: { peer } }) => (peer.kind === 'prefix-list' ? peer.prefixListId : undefined),
  };
  return Object.fromEntries(
    Object.entries(values).map(([name, valueOf]) => [
      `${prefix}.${name}`,
      ({ rules }: GroupView) => {
        const found: (string | undefined)[] = [];
        for (const view of rules.values()) if (view.rule.direction === direction) found.push(valueOf(view));
        return found;
      },
    ]),
  );
}

function blockOf(family: 4 | 6): RuleValue {
  return ({ rule: { peer } }) =>
    peer.kind === 'cidr' && familyOf(peer.cidr) === family ? peer.cidr : undefined;
}

import type { Direction, GroupId } from '#libs/domain';
import type { GroupView, RuleView } from '#libs/projections';
import { missingParameter, type Xml } from '#libs/protocol';
import type { Action, ActionContext } from '../action.js';
import { ownOf } from '../filters.js';
import { groupIdFrom } from '../group-parameters.js';
import { requireVpc } from '../id-parameters.js';
import { pageOf } from '../pages.js';
import { ipPermissionsXml } from '../rule-xml.js';

/** Groups with rules whose peer, another account's group, is gone; only revoking removes them. */
export const describeStaleSecurityGroups: Action = (parameters, context) => {
  const { account, directory } = context;
  requireVpc(parameters, account);
  const stale = directory.groups
    .of(account.accountId)
    .filter((group) => group.rules.values().some((view) => isStale(view, context)))
    .toArray();
  const page = pageOf(stale, parameters, { least: 5, most: 255 });
  return {
    staleSecurityGroupSet: page.things.map((group) => staleGroupXml(group, context)),
    nextToken: page.nextToken,
  };
};

/**
 * In which other VPCs, which here is in which other accounts, rules name the account's groups; not which rules, nor in
 * which groups.
 */
export const describeSecurityGroupReferences: Action = (parameters, { account, directory }) => {
  const groupIds = parameters.list('GroupId').map(groupIdFrom);
  if (groupIds.length === 0) throw missingParameter('GroupId');
  const references = groupIds.flatMap((groupId) => {
    ownOf(directory.groups, groupId, account.accountId);
    const vpcIds = new Set(directory.groups.allHaving(foreignPeers, groupId).map(({ vpcId }) => vpcId));
    return [...vpcIds].map((referencingVpcId) => ({ groupId, referencingVpcId }));
  });
  return { securityGroupReferenceSet: references };
};

/** Other accounts' groups that a group's rules name. */
const foreignPeers = ({ accountId, rules }: GroupView): readonly GroupId[] =>
  rules
    .values()
    .flatMap(({ rule: { peer } }) =>
      peer.kind === 'group' && peer.accountId !== accountId ? [peer.groupId] : [],
    )
    .toArray();

const isStale = ({ rule: { peer } }: RuleView, { directory }: ActionContext): boolean =>
  peer.kind === 'group' && !directory.groups.get(peer.groupId);

function staleGroupXml(group: GroupView, context: ActionContext): Xml {
  const permissions = (direction: Direction): readonly Xml[] => {
    const rules = group.rules
      .values()
      .filter((view) => view.rule.direction === direction && isStale(view, context));
    return ipPermissionsXml(rules, context.directory);
  };
  return {
    description: group.description,
    groupId: group.groupId,
    groupName: group.name,
    staleIpPermissions: permissions('ingress'),
    staleIpPermissionsEgress: permissions('egress'),
    vpcId: group.vpcId,
  };
}

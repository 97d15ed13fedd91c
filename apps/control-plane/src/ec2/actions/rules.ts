import {
  peerKey,
  trafficKey,
  type AccountId,
  type Direction,
  type RequestedPermission,
  type Rule,
} from '#libs/domain';
import type { Directory, RuleView } from '#libs/projections';
import { Ec2Error, type QueryParameters } from '#libs/protocol';
import { newId } from '../../commands/new-ids.js';
import type { Action, ActionContext } from '../action.js';
import { exactValues, selectFrom, wanted, type FilterTable } from '../filters.js';
import { groupFrom, groupIdFrom } from '../group-parameters.js';
import { ruleIdFrom } from '../id-parameters.js';
import { pageOf } from '../pages.js';
import { permissionsFrom } from '../permission-parameters.js';
import { requestedPermissionXml, revokedRuleXml, ruleXml } from '../rule-xml.js';
import { tagsFrom } from '../tags.js';

export const authorize =
  (direction: Direction): Action =>
  async (parameters, context) => {
    const { accountId } = context.account;
    const permissions = permissionsFrom(parameters, accountId);
    if (permissions.length === 0)
      throw new Ec2Error('MissingParameter', 'The request must contain the parameter ipPermissions');
    const rules = permissions.map((permission) => ({ ...permission, ruleId: newId<'RuleId'>('sgr') }));
    const tags = tagsFrom(parameters, 'security-group-rule');
    const group = groupFrom(parameters);
    const events = await context.execute({
      type: 'AuthorizeRules',
      accountId,
      group,
      direction,
      rules,
      tags,
    });
    const tagged = { accountId, tags: new Map(tags.map(({ key, value }) => [key, value])) };
    const authorized = events.flatMap(({ event }) =>
      event.type === 'RuleAuthorized' ? [ruleXml({ rule: event.rule, ...tagged }, context)] : [],
    );
    return { return: true, securityGroupRuleSet: authorized };
  };

/** In a default VPC permissions that no rule has are no error: they come back as unknown. */
export const revoke =
  (direction: Direction): Action =>
  async (parameters, { account, directory, execute }) => {
    const { accountId } = account;
    const permissions = permissionsFrom(parameters, accountId);
    const ruleIds = parameters.list('SecurityGroupRuleId').map(ruleIdFrom);
    if (permissions.length + ruleIds.length === 0)
      throw new Ec2Error(
        'MissingParameter',
        'The request must contain the parameter ipPermissions or securityGroupRuleIds',
      );
    const group = groupFrom(parameters);
    const events = await execute({ type: 'RevokeRules', accountId, group, direction, permissions, ruleIds });
    const revoked = events.flatMap(({ event }) => (event.type === 'RuleRevoked' ? event.rule : []));
    const isUnknown = (one: RequestedPermission): boolean =>
      !revoked.some((rule) => isPermittedBy(rule, one, directory));
    return {
      return: true,
      unknownIpPermissionSet: permissions.filter(isUnknown).map(requestedPermissionXml),
      revokedSecurityGroupRuleSet: revoked.map(revokedRuleXml),
    };
  };

const RULE_FILTERS: FilterTable<RuleView> = {
  'group-id': ({ rule }) => [rule.groupId],
  'security-group-rule-id': ({ rule }) => [rule.ruleId],
};

export const describeSecurityGroupRules: Action = (parameters, context) => {
  const page = pageOf(wantedRules(parameters, context), parameters);
  return {
    securityGroupRuleSet: page.things.map((view) => ruleXml(view, context)),
    nextToken: page.nextToken,
  };
};

function wantedRules(
  parameters: QueryParameters,
  { account: { accountId }, directory }: ActionContext,
): Iterable<RuleView> {
  const ids = parameters.list('SecurityGroupRuleId').map(ruleIdFrom);
  const groupIds = exactValues(parameters, 'group-id');
  if (ids.length > 0 || !groupIds) return wanted(directory.rules, ids, accountId, parameters, RULE_FILTERS);
  // What clients ask most; groups know their rules, so that no index of all rules is needed.
  const ofGroups = [...new Set(groupIds.map(groupIdFrom))].flatMap((id) => {
    const group = directory.groups.get(id);
    return group?.accountId === accountId ? [...group.rules.values()] : [];
  });
  return selectFrom(ofGroups, parameters, RULE_FILTERS);
}

/** Whether the rule is the very one that was asked for. */
function isPermittedBy(rule: Rule, { traffic, peer }: RequestedPermission, directory: Directory): boolean {
  return trafficKey(rule.traffic) === trafficKey(traffic) && peerKey(rule.peer) === farEnd(peer, directory);
}

/** What `peerKey` says of the peer that is meant. */
function farEnd(peer: RequestedPermission['peer'], directory: Directory): string | undefined {
  if (peer.kind === 'cidr') return peer.cidr;
  if (peer.kind === 'prefix-list') return peer.prefixListId;
  const groupOf = (accountId: AccountId, name: string): string | undefined =>
    directory.groupNamed(accountId, name)?.groupId;
  return 'groupId' in peer.group ? peer.group.groupId : groupOf(peer.accountId, peer.group.groupName);
}

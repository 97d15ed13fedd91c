import type {
  AccountId,
  ChangeRuleDescriptions,
  Direction,
  RequestedPeer,
  RequestedRule,
} from '#libs/domain';
import type { Directory } from '#libs/projections';
import { Ec2Error, missingParameter, type QueryParameters } from '#libs/protocol';
import type { Action, ActionContext } from '../action.js';
import { groupFrom, groupIdFrom } from '../group-parameters.js';
import { ruleIdFrom } from '../id-parameters.js';
import {
  blockFrom,
  described,
  permissionsFrom,
  prefixListPeer,
  trafficFrom,
} from '../permission-parameters.js';

/** Each rule keeps its id, and becomes what is said of it whole. */
export const modifySecurityGroupRules: Action = async (parameters, context) => {
  const { accountId } = context.account;
  const changes = parameters.structures('SecurityGroupRule');
  if (changes.length === 0) throw missingParameter('SecurityGroupRule');
  const rules = changes.map((change) => changedRule(change, context));
  await context.execute({ type: 'ModifyRules', accountId, group: groupFrom(parameters), rules });
  return { return: true };
};

/** Rules are named by what they permit or by id; without a description they lose theirs. */
export const updateDescriptions =
  (direction: Direction): Action =>
  async (parameters, { account: { accountId }, execute }) => {
    const permissions = permissionsFrom(parameters, accountId);
    const byId = parameters.structures('SecurityGroupRuleDescription').map(describedRule);
    if (permissions.length + byId.length === 0) throw missingParameter('IpPermissions');
    if (permissions.length > 0 && byId.length > 0)
      throw new Ec2Error(
        'InvalidParameterCombination',
        'The parameter ipPermissions may not be used with securityGroupRuleDescriptions',
      );
    const group = groupFrom(parameters);
    const rules = [...permissions, ...byId];
    await execute({ type: 'ChangeRuleDescriptions', accountId, group, direction, rules });
    return { return: true };
  };

function changedRule(change: QueryParameters, { account, directory }: ActionContext): RequestedRule {
  const rule = change.within('SecurityGroupRule');
  const peer = onlyPeer(rule, account.accountId, directory);
  const permission = described(rule, { traffic: trafficFrom(rule), peer });
  return { ...permission, ruleId: requiredRuleId(change) };
}

const describedRule = (one: QueryParameters): ChangeRuleDescriptions['rules'][number] =>
  described(one, { ruleId: requiredRuleId(one) });

function requiredRuleId(structure: QueryParameters): RequestedRule['ruleId'] {
  const text = structure.text('SecurityGroupRuleId');
  if (text === undefined) throw missingParameter('SecurityGroupRuleId');
  return ruleIdFrom(text);
}

function onlyPeer(rule: QueryParameters, accountId: AccountId, directory: Directory): RequestedPeer {
  const [peer, ...others] = [
    ...given(rule, 'CidrIpv4', (text) => blockFrom(text, 4)),
    ...given(rule, 'CidrIpv6', (text) => blockFrom(text, 6)),
    ...given(rule, 'PrefixListId', prefixListPeer),
    ...given(rule, 'ReferencedGroupId', (text) => referencedGroup(text, accountId, directory)),
  ];
  if (!peer)
    throw new Ec2Error(
      'MissingParameter',
      'The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId',
    );
  if (others.length > 0)
    throw new Ec2Error(
      'InvalidParameterCombination',
      'Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified',
    );
  return peer;
}

function given<T>(rule: QueryParameters, name: string, parse: (text: string) => T): readonly T[] {
  const text = rule.text(name);
  return text === undefined ? [] : [parse(text)];
}

/** Here, unlike in an IpPermission, there is no UserId beside the id. */
function referencedGroup(text: string, ownAccountId: AccountId, directory: Directory): RequestedPeer {
  const groupId = groupIdFrom(text);
  const accountId = directory.groups.get(groupId)?.accountId ?? ownAccountId;
  return { kind: 'group', accountId, group: { groupId } };
}

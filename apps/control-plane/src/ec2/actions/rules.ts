import { parseRuleId, permissionKey, type Direction, type Rule, type RuleId } from '#libs/domain';
import { Ec2Error, protocolAndPorts, type Xml } from '#libs/protocol';
import { newId } from '../../commands/new-ids.js';
import type { Action } from '../action.js';
import { groupFrom } from '../group-parameters.js';
import { permissionsFrom, type DescribedPermission } from '../permission-parameters.js';
import { ruleXml } from '../rule-xml.js';

export const authorize =
  (direction: Direction): Action =>
  async (parameters, { account, execute, region }) => {
    const { accountId } = account;
    const permissions = permissionsFrom(parameters, accountId);
    if (permissions.length === 0)
      throw new Ec2Error('MissingParameter', 'The request must contain the parameter ipPermissions');
    const rules = permissions.map((permission) => ({ ...permission, ruleId: newId<'RuleId'>('sgr') }));
    const events = await execute({
      type: 'AuthorizeRules',
      accountId,
      group: groupFrom(parameters),
      direction,
      rules,
    });
    const authorized = events.flatMap(({ event }) => (event.type === 'RuleAuthorized' ? event.rule : []));
    return { return: true, securityGroupRuleSet: authorized.map((rule) => ruleXml(rule, accountId, region)) };
  };

/** In a default VPC permissions that no rule has are no error: they come back as unknown. */
export const revoke =
  (direction: Direction): Action =>
  async (parameters, { account, directory, execute, region }) => {
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
    const known = new Set(revoked.map((rule) => permissionKey(rule)));
    const keyOf = ({ traffic, peer }: DescribedPermission): string => {
      if (peer.kind === 'cidr') return permissionKey({ direction, traffic, peer });
      if (peer.kind === 'prefix-list')
        return permissionKey({ direction, traffic, peer: { ...peer, family: 4 } });
      const named =
        'groupId' in peer.group ? peer.group : directory.groupNamed(peer.accountId, peer.group.groupName);
      return named ? permissionKey({ direction, traffic, peer: { ...peer, groupId: named.groupId } }) : '';
    };
    return {
      return: true,
      unknownIpPermissionSet: permissions.filter((one) => !known.has(keyOf(one))).map(unknownXml),
      revokedSecurityGroupRuleSet: revoked.map((rule: Rule) => ruleXml(rule, accountId, region)),
    };
  };

function ruleIdFrom(text: string): RuleId {
  const ruleId = parseRuleId(text);
  if (!ruleId)
    throw new Ec2Error(
      'InvalidSecurityGroupRuleId.Malformed',
      `The security group rule ID '${text}' is malformed`,
    );
  return ruleId;
}

function unknownXml({ traffic, peer }: DescribedPermission): Xml {
  const group = peer.kind === 'group' ? [{ userId: peer.accountId, ...peer.group }] : [];
  const block = (isIpv6: boolean, name: string): readonly Xml[] =>
    peer.kind === 'cidr' && peer.cidr.includes(':') === isIpv6 ? [{ [name]: peer.cidr }] : [];
  return {
    ...protocolAndPorts(traffic),
    groups: group,
    ipRanges: block(false, 'cidrIp'),
    ipv6Ranges: block(true, 'cidrIpv6'),
    prefixListIds: peer.kind === 'prefix-list' ? [{ prefixListId: peer.prefixListId }] : [],
  };
}

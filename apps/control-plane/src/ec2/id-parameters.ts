import {
  parseGroupId,
  parseInstanceId,
  parsePrefixListId,
  parseRuleId,
  type PrefixListId,
  type ResourceId,
  type RuleId,
  type VpcId,
} from '#libs/domain';
import type { AccountView } from '#libs/projections';
import { Ec2Error, missingParameter, type QueryParameters } from '#libs/protocol';

export function ruleIdFrom(text: string): RuleId {
  const ruleId = parseRuleId(text);
  if (!ruleId)
    throw new Ec2Error(
      'InvalidSecurityGroupRuleId.Malformed',
      `The security group rule ID '${text}' is malformed`,
    );
  return ruleId;
}

export function prefixListIdFrom(text: string): PrefixListId {
  const prefixListId = parsePrefixListId(text);
  if (!prefixListId)
    throw new Ec2Error('InvalidPrefixListId.Malformed', `The prefix list ID '${text}' is malformed`);
  return prefixListId;
}

/** The id of anything that can have tags. */
export function resourceIdFrom(text: string): ResourceId {
  const id = parseGroupId(text) ?? parseRuleId(text) ?? parseInstanceId(text) ?? parsePrefixListId(text);
  if (!id)
    throw new Ec2Error(
      'InvalidID',
      `The ID '${text}' is not valid: use that of a security group, a rule, an instance or a prefix list`,
    );
  return id;
}

/** An account has one VPC: naming another is naming one that there is not. */
export function requireVpc(parameters: QueryParameters, account: AccountView): VpcId {
  const text = parameters.text('VpcId');
  if (text === undefined) throw missingParameter('VpcId');
  if (text !== account.vpcId)
    throw new Ec2Error('InvalidVpcID.NotFound', `The vpc ID '${text}' does not exist`);
  return account.vpcId;
}

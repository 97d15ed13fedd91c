import {
  paginateDescribeSecurityGroups,
  type EC2,
  type IpPermission,
  type SecurityGroup,
  type SecurityGroupRule,
  type Tag,
} from '@aws-sdk/client-ec2';

import { retrying, tolerating } from './refusals.js';

// What Terraform's AWS provider (5 and 6) calls, in its order, for `aws_security_group` and for
// `aws_vpc_security_group_ingress_rule` and `_egress_rule`: the provider's part of a plan, without Terraform.

export async function createGroup(ec2: EC2, name: string, tags: Tag[]): Promise<string> {
  const { GroupId = '' } = await ec2.createSecurityGroup({
    GroupName: name,
    Description: 'Managed by Terraform',
    TagSpecifications: [{ ResourceType: 'security-group', Tags: tags }],
  });
  await readGroup(ec2, GroupId);
  // A configuration says all that there is, so what EC2 adds by itself goes first: over IPv4 there must be
  // something to revoke, or at least no refusal; over IPv6 there may be nothing.
  const revoke = (peer: IpPermission): Promise<unknown> =>
    ec2.revokeSecurityGroupEgress({
      GroupId,
      IpPermissions: [{ IpProtocol: '-1', FromPort: 0, ToPort: 0, ...peer }],
    });
  await revoke({ IpRanges: [{ CidrIp: '0.0.0.0/0' }] });
  await tolerating(['InvalidPermission.NotFound'], () => revoke({ Ipv6Ranges: [{ CidrIpv6: '::/0' }] }));
  return GroupId;
}

export async function readGroup(ec2: EC2, id: string): Promise<SecurityGroup> {
  const pages = await Array.fromAsync(paginateDescribeSecurityGroups({ client: ec2 }, { GroupIds: [id] }));
  const groups = pages.flatMap(({ SecurityGroups = [] }) => SecurityGroups);
  if (groups.length !== 1 || !groups[0]) throw new Error(`${groups.length} results for ${id}`);
  return groups[0];
}

/** A change of `ingress` in the configuration: what is no longer there is revoked, then what is new is authorized. */
export async function changeIngress(
  ec2: EC2,
  GroupId: string,
  removed: readonly IpPermission[],
  added: readonly IpPermission[],
): Promise<void> {
  await readGroup(ec2, GroupId);
  if (removed.length > 0) await ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: [...removed] });
  if (added.length > 0) await ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: [...added] });
}

/** Tags that went or changed are deleted by key; those that are new or changed are created. */
export async function changeTags(ec2: EC2, id: string, removed: string[], set: Tag[]): Promise<void> {
  if (removed.length > 0) await ec2.deleteTags({ Resources: [id], Tags: removed.map((Key) => ({ Key })) });
  if (set.length > 0) await ec2.createTags({ Resources: [id], Tags: set });
}

/** Interfaces that services of Amazon have left in the group would go first; then it goes, once nothing depends on it. */
export async function deleteGroup(ec2: EC2, GroupId: string): Promise<void> {
  const Filters = [{ Name: 'group-id', Values: [GroupId] }];
  const { NetworkInterfaces = [] } = await ec2.describeNetworkInterfaces({ Filters });
  if (NetworkInterfaces.some(({ Description }) => Description?.startsWith('AWS Lambda VPC ENI')))
    throw new Error('Terraform would wait for Lambda here');
  await tolerating(['InvalidGroup.NotFound'], () =>
    retrying(['DependencyViolation', 'InvalidGroup.InUse'], () => ec2.deleteSecurityGroup({ GroupId })),
  );
  await tolerating(['InvalidGroup.NotFound'], () =>
    readGroup(ec2, GroupId).then(() => {
      throw new Error(`${GroupId} is still there`);
    }),
  );
}

export async function createRule(
  ec2: EC2,
  direction: 'ingress' | 'egress',
  GroupId: string,
  permission: IpPermission,
  tags: Tag[],
): Promise<string> {
  const asked = { GroupId, IpPermissions: [permission] };
  const { SecurityGroupRules } =
    direction === 'ingress'
      ? await ec2.authorizeSecurityGroupIngress(asked)
      : await ec2.authorizeSecurityGroupEgress(asked);
  const id = SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? '';
  await ec2.createTags({ Resources: [id], Tags: tags });
  return id;
}

export async function readRule(ec2: EC2, id: string): Promise<SecurityGroupRule> {
  const { SecurityGroupRules = [] } = await ec2.describeSecurityGroupRules({ SecurityGroupRuleIds: [id] });
  if (SecurityGroupRules.length !== 1 || !SecurityGroupRules[0])
    throw new Error(`${SecurityGroupRules.length} results for ${id}`);
  return SecurityGroupRules[0];
}

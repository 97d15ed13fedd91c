import type { Ec2Connections, Parameters } from '../support/ec2-connections.js';

const RULES_PER_GROUP = 20;

export const nameOf = (n: number): string => `group ${n}`;
/** Of a group's k-th rule, which no other rule has. */
export const cidrOf = (n: number, k: number): string => `10.${n >> 8}.${n & 255}.${k * 4}/30`;

export const filters = (wanted: Parameters): Parameters =>
  Object.assign(
    {},
    ...Object.entries(wanted).map(([name, value], index) => ({
      [`Filter.${index + 1}.Name`]: name,
      [`Filter.${index + 1}.Value.1`]: value,
    })),
  ) as Parameters;

export const permission = (index: number, port: number, cidr: string): Parameters => ({
  [`IpPermissions.${index}.IpProtocol`]: 'tcp',
  [`IpPermissions.${index}.FromPort`]: String(port),
  [`IpPermissions.${index}.ToPort`]: String(port),
  [`IpPermissions.${index}.IpRanges.1.CidrIp`]: cidr,
});

/** Groups with a tag and rules, until there are so many; `ids` grows with them. */
export async function createGroups(
  client: Ec2Connections,
  ids: string[],
  count: number,
  atATime: number,
): Promise<void> {
  let next = ids.length;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) ids[n] = await createGroup(client, n);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}

async function createGroup(client: Ec2Connections, n: number): Promise<string> {
  const answer = await client.call('CreateSecurityGroup', {
    GroupName: nameOf(n),
    GroupDescription: nameOf(n),
    'TagSpecification.1.ResourceType': 'security-group',
    'TagSpecification.1.Tag.1.Key': 'Name',
    'TagSpecification.1.Tag.1.Value': nameOf(n),
  });
  const [, groupId = ''] = /<groupId>(.+?)</.exec(answer) ?? [];
  const rules = Array.from({ length: RULES_PER_GROUP }, (_, k) => permission(k + 1, 8000 + k, cidrOf(n, k)));
  await client.call(
    'AuthorizeSecurityGroupIngress',
    Object.assign({ GroupId: groupId }, ...rules) as Parameters,
  );
  return groupId;
}

import { parseInstanceId, type InstanceId } from '#libs/domain';
import { child, items, textOf, type Ec2Client, type XmlNode } from './ec2-client.js';

/** The instances of the story that have places of their own; the others go where there is room. */
const PLACES: Readonly<Record<string, string>> = {
  'apache-1': 'host-1',
  'apache-2': 'host-2',
  'mysql-1': 'host-2',
};
const IMAGE = 'ami-12345678';

/** `mysql-1`, and all others `apache-1` and on. */
export const seededNames = (instances: number): readonly string[] => [
  ...Array.from({ length: instances - 1 }, (_, index) => `apache-${index + 1}`),
  'mysql-1',
];

/**
 * The story's beginning, told as any client would: Apache is open to the world on port 80, MySQL to whatever is in
 * Apache on port 3306. Answers which instance is called what.
 */
export async function seed(
  ec2: Ec2Client,
  hosts: readonly string[],
  instances: number,
): Promise<ReadonlyMap<InstanceId, string>> {
  const apache = await createGroup(ec2, 'Apache', 'Web servers');
  const mysql = await createGroup(ec2, 'MySQL', 'Database servers');
  await ec2.call('AuthorizeSecurityGroupIngress', {
    GroupId: apache,
    ...permission(1, { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, 'IpRanges.1.CidrIp': '0.0.0.0/0' }),
    ...permission(2, { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, 'IpRanges.1.CidrIp': '0.0.0.0/0' }),
  });
  await ec2.call('AuthorizeSecurityGroupIngress', {
    GroupId: mysql,
    ...permission(1, { IpProtocol: 'tcp', FromPort: 3306, ToPort: 3306, 'Groups.1.GroupId': apache }),
  });
  const names = new Map<InstanceId, string>();
  const [placed, others] = partition(seededNames(instances));
  for (const [name, place] of placed) {
    const hostId = hosts.includes(place) ? place : hosts[0];
    const group = name === 'mysql-1' ? mysql : apache;
    const [id] = await run(ec2, group, 1, hostId === undefined ? {} : { 'Placement.HostId': hostId });
    if (id) names.set(id, name);
  }
  for (const [index, id] of (await run(ec2, apache, others.length)).entries())
    names.set(id, others[index] ?? id);
  return names;
}

async function createGroup(ec2: Ec2Client, name: string, description: string): Promise<string> {
  const answer = await ec2.call('CreateSecurityGroup', { GroupName: name, GroupDescription: description });
  return textOf(answer, 'groupId') ?? name;
}

const permission = (
  number: number,
  fields: Readonly<Record<string, string | number>>,
): Readonly<Record<string, string | number>> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [`IpPermissions.${number}.${name}`, value]),
  );

function partition(
  names: readonly string[],
): [placed: readonly (readonly [string, string])[], others: readonly string[]] {
  const placed = names.flatMap((name) => {
    const place = PLACES[name];
    return place === undefined ? [] : [[name, place] as const];
  });
  return [placed, names.filter((name) => PLACES[name] === undefined)];
}

async function run(
  ec2: Ec2Client,
  groupId: string,
  count: number,
  more: Readonly<Record<string, string>> = {},
): Promise<readonly InstanceId[]> {
  if (count === 0) return [];
  const answer = await ec2.call('RunInstances', {
    ImageId: IMAGE,
    MinCount: count,
    MaxCount: count,
    'SecurityGroupId.1': groupId,
    ...more,
  });
  return items(child(answer, 'instancesSet')).flatMap((item: XmlNode) => {
    const id = parseInstanceId(textOf(item, 'instanceId') ?? '');
    return id === undefined ? [] : [id];
  });
}

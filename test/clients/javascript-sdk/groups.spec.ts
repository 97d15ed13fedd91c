import {
  paginateDescribeSecurityGroups,
  waitUntilSecurityGroupExists,
  type EC2,
  type Filter,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Installation } from '../../support/installation.js';
import { expectRefusal, openEc2, pagesOf } from '../support/clients.js';

let installation: Installation;
let ec2: EC2;
let web: string;

beforeAll(async () => {
  installation = await Installation.start(0);
  ec2 = openEc2(installation);
});
afterAll(async () => installation[Symbol.asyncDispose]());

const namesBy = async (...filters: readonly [name: string, ...values: string[]][]): Promise<unknown> => {
  const Filters = filters.map(([Name, ...Values]): Filter => ({ Name, Values }));
  const { SecurityGroups } = await ec2.describeSecurityGroups({ Filters });
  return SecurityGroups?.map(({ GroupName }) => GroupName);
};

it('creates a group with tags, and describes it', async () => {
  const created = await ec2.createSecurityGroup({
    GroupName: 'Web',
    Description: 'They serve & answer',
    TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'team', Value: 'shop' }] }],
  });
  web = created.GroupId ?? '';
  expect(created).toMatchObject({
    GroupId: expect.stringMatching(/^sg-[0-9a-f]{17}$/),
    SecurityGroupArn: `arn:aws:ec2:us-east-1:111122223333:security-group/${web}`,
    Tags: [{ Key: 'team', Value: 'shop' }],
  });
  const { SecurityGroups } = await ec2.describeSecurityGroups({ GroupIds: [web] });
  expect(SecurityGroups).toMatchObject([
    {
      GroupId: web,
      GroupName: 'Web',
      Description: 'They serve & answer',
      OwnerId: '111122223333',
      VpcId: expect.stringMatching(/^vpc-/),
      Tags: [{ Key: 'team', Value: 'shop' }],
      IpPermissions: [],
      IpPermissionsEgress: [
        { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }], Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
      ],
    },
  ]);
  expect(SecurityGroups?.[0]?.IpPermissionsEgress?.[0]).not.toHaveProperty('FromPort');
});

it('waits for a group that another client is about to create', async () => {
  const times = { client: ec2, maxWaitTime: 20, minDelay: 1, maxDelay: 1 };
  const waiting = waitUntilSecurityGroupExists(times, { GroupNames: ['Database'] });
  await expectRefusal(
    ec2.describeSecurityGroups({ GroupNames: ['Database'] }),
    'InvalidGroup.NotFound',
    "The security group 'Database' does not exist in default VPC 'vpc-",
  );
  await ec2.createSecurityGroup({ GroupName: 'Database', Description: 'keeps' });
  expect(await waiting).toMatchObject({ state: 'SUCCESS' });
});

it('tags and untags', async () => {
  await ec2.createTags({
    Resources: [web],
    Tags: [
      { Key: 'team', Value: 'store' },
      { Key: 'Name', Value: 'web servers' },
      { Key: 'empty', Value: '' },
    ],
  });
  await ec2.deleteTags({ Resources: [web], Tags: [{ Key: 'empty' }, { Key: 'never-there' }] });
  await ec2.deleteTags({ Resources: [web], Tags: [{ Key: 'team', Value: 'another' }] });
  const { Tags } = await ec2.describeTags({ Filters: [{ Name: 'resource-id', Values: [web] }] });
  const tag = (Key: string, Value: string) => ({
    Key,
    Value,
    ResourceId: web,
    ResourceType: 'security-group',
  });
  expect(Tags).toHaveLength(2);
  expect(Tags).toEqual(expect.arrayContaining([tag('team', 'store'), tag('Name', 'web servers')]));
});

it('finds groups by filters', async () => {
  expect(await namesBy(['group-name', 'W*', 'd?fault'])).toEqual(['default', 'Web']);
  expect(await namesBy(['tag:team', 'sto*'])).toEqual(['Web']);
  expect(await namesBy(['tag-key', 'team'], ['description', 'keeps'])).toEqual([]);
  expect(await namesBy(['group-id', web])).toEqual(['Web']);
  expect(await namesBy(['owner-id', '444455556666'])).toEqual([]);
  expect(await namesBy(['egress.ip-permission.cidr', '0.0.0.0/0'], ['group-name', 'D*'])).toEqual([
    'Database',
  ]);
  await expectRefusal(namesBy(['colour', 'blue']), 'InvalidParameterValue', 'colour');
});

it('pages through many', async () => {
  const names = Array.from({ length: 12 }, (_, n) => `many-${n}`);
  await Promise.all(
    names.map((GroupName) => ec2.createSecurityGroup({ GroupName, Description: 'one of many' })),
  );
  const Filters = [{ Name: 'description', Values: ['one of many'] }];
  const pages = await pagesOf(paginateDescribeSecurityGroups({ client: ec2, pageSize: 5 }, { Filters }));
  expect(pages.map(({ SecurityGroups }) => SecurityGroups?.length)).toEqual([5, 5, 2]);
  const found = pages.flatMap(({ SecurityGroups = [] }) => SecurityGroups.map(({ GroupName }) => GroupName));
  expect(new Set(found)).toEqual(new Set(names));
  await expectRefusal(ec2.describeSecurityGroups({ MaxResults: 4 }), 'InvalidParameterValue');
  await expectRefusal(ec2.describeSecurityGroups({ NextToken: 'nonsense' }), 'InvalidNextToken');
});

it('gets EC2’s codes for what is refused', async () => {
  const create = (GroupName: string, Description = 'x') =>
    ec2.createSecurityGroup({ GroupName, Description });
  await expectRefusal(create('WEB'), 'InvalidGroup.Duplicate', /'WEB' already exists/);
  await expectRefusal(create('sg-web'), 'InvalidParameterValue', 'may not be in the format sg-*');
  await expectRefusal(create('default'), 'InvalidParameterValue', 'reserved security group name: default');
  await expectRefusal(create('x'.repeat(256)), 'InvalidParameterValue');
  const describe = (id: string) => ec2.describeSecurityGroups({ GroupIds: [id] });
  await expectRefusal(describe('sg-0123456789abcdef0'), 'InvalidGroup.NotFound', 'does not exist');
  await expectRefusal(describe('web'), 'InvalidGroupId.Malformed', 'malformed');
  await expectRefusal(ec2.deleteSecurityGroup({ GroupName: 'default' }), 'CannotDelete', 'default');
  await expectRefusal(
    ec2.createSecurityGroup({ GroupName: 'elsewhere', Description: 'x', VpcId: 'vpc-0123456789abcdef0' }),
    'InvalidVpcID.NotFound',
  );
});

it('is told by a dry run what would be', async () => {
  const asked = { GroupName: 'dry', Description: 'x', DryRun: true };
  await expectRefusal(ec2.createSecurityGroup(asked), 'DryRunOperation', /would have succeeded/, 412);
  await expectRefusal(ec2.deleteSecurityGroup({ GroupId: web, DryRun: true }), 'DryRunOperation', /./, 412);
  expect(await namesBy(['group-name', 'dry', 'Web'])).toEqual(['Web']);
});

it('deletes a group once nothing refers to it', async () => {
  const IpPermissions = [
    { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, UserIdGroupPairs: [{ GroupId: web }] },
  ];
  await ec2.authorizeSecurityGroupIngress({ GroupName: 'Database', IpPermissions });
  await expectRefusal(
    ec2.deleteSecurityGroup({ GroupId: web }),
    'DependencyViolation',
    `resource ${web} has a dependent object`,
  );
  await ec2.revokeSecurityGroupIngress({ GroupName: 'Database', IpPermissions });
  expect(await ec2.deleteSecurityGroup({ GroupId: web })).toMatchObject({ Return: true, GroupId: web });
  await expectRefusal(ec2.deleteSecurityGroup({ GroupId: web }), 'InvalidGroup.NotFound');
  expect(await namesBy(['group-name', 'Web'])).toEqual([]);
});

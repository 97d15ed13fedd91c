import {
  paginateDescribeSecurityGroupRules,
  type EC2,
  type IpPermission,
  type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Installation } from '../../support/installation.js';
import { expectRefusal, openEc2, pagesOf } from '../support/clients.js';

let installation: Installation;
let ec2: EC2;
let web: string;
let db: string;

const create = async (GroupName: string): Promise<string> =>
  (await ec2.createSecurityGroup({ GroupName, Description: GroupName })).GroupId ?? '';

beforeAll(async () => {
  installation = await Installation.start(0);
  ec2 = openEc2(installation);
  [web, db] = [await create('web'), await create('db')];
});
afterAll(async () => installation[Symbol.asyncDispose]());

const tcp = (port: number, ...cidrs: readonly string[]): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  IpRanges: cidrs.map((CidrIp) => ({ CidrIp })),
});
const rulesOf = async (GroupId: string, IsEgress = false) => {
  const Filters = [{ Name: 'group-id', Values: [GroupId] }];
  const { SecurityGroupRules = [] } = await ec2.describeSecurityGroupRules({ Filters });
  return SecurityGroupRules.filter((rule) => rule.IsEgress === IsEgress);
};

const peerOf = ({ CidrIpv4, CidrIpv6, ReferencedGroupInfo }: SecurityGroupRule): string =>
  CidrIpv4 ?? CidrIpv6 ?? ReferencedGroupInfo?.GroupId ?? '';
/** EC2 promises no order. */
const byPeer = (rules: readonly SecurityGroupRule[] = []): readonly SecurityGroupRule[] =>
  rules.toSorted((one, other) => peerOf(one).localeCompare(peerOf(other)));

it('authorizes peers of each kind, and describes the rules that these became', async () => {
  const { SecurityGroupRules } = await ec2.authorizeSecurityGroupIngress({
    GroupId: web,
    IpPermissions: [
      {
        ...tcp(443),
        IpRanges: [{ CidrIp: '192.0.2.7/24', Description: 'the office' }],
        Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }],
        UserIdGroupPairs: [{ GroupId: db, UserId: '111122223333', Description: 'dumps' }],
      },
      { IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
      { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: web }] },
    ],
    TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: [{ Key: 'team', Value: 'shop' }] }],
  });
  const common = { GroupId: web, GroupOwnerId: '111122223333', IsEgress: false };
  const https = { ...common, IpProtocol: 'tcp', FromPort: 443, ToPort: 443 };
  const expected: SecurityGroupRule[] = [
    { ...https, CidrIpv4: '192.0.2.0/24', Description: 'the office' },
    { ...https, CidrIpv6: '2001:db8::/32' },
    { ...https, ReferencedGroupInfo: { GroupId: db, UserId: '111122223333' }, Description: 'dumps' },
    { ...common, IpProtocol: 'icmp', FromPort: 8, ToPort: -1, CidrIpv4: '0.0.0.0/0' },
    { ...common, IpProtocol: '-1', FromPort: -1, ToPort: -1, ReferencedGroupInfo: { GroupId: web } },
  ].map((rule) => ({ ...rule, Tags: [{ Key: 'team', Value: 'shop' }] }));
  expect(byPeer(SecurityGroupRules)).toMatchObject(byPeer(expected));
  expect(byPeer(await rulesOf(web))).toMatchObject(byPeer(expected));
  for (const rule of SecurityGroupRules ?? []) expect(rule.SecurityGroupRuleId).toMatch(/^sgr-[0-9a-f]{17}$/);
  const { SecurityGroups } = await ec2.describeSecurityGroups({ GroupIds: [web] });
  const [permission] = SecurityGroups?.[0]?.IpPermissions?.filter(({ FromPort }) => FromPort === 443) ?? [];
  expect(permission).toMatchObject({
    IpProtocol: 'tcp',
    FromPort: 443,
    ToPort: 443,
    IpRanges: [{ CidrIp: '192.0.2.0/24', Description: 'the office' }],
    Ipv6Ranges: [{ CidrIpv6: '2001:db8::/32' }],
    UserIdGroupPairs: [{ GroupId: db, UserId: '111122223333', Description: 'dumps' }],
    PrefixListIds: [],
  });
});

it('takes the old flat form, and nothing when one part of a request is wrong', async () => {
  await ec2.authorizeSecurityGroupIngress({
    GroupName: 'db',
    IpProtocol: 'tcp',
    FromPort: 22,
    ToPort: 22,
    CidrIp: '198.51.100.0/24',
  });
  await expectRefusal(
    ec2.authorizeSecurityGroupIngress({
      GroupId: db,
      IpPermissions: [tcp(80, '0.0.0.0/0'), tcp(22, '198.51.100.9/24')],
    }),
    'InvalidPermission.Duplicate',
    'the specified rule "peer: 198.51.100.0/24, TCP, from port: 22, to port: 22, ALLOW" already exists',
  );
  expect(await rulesOf(db)).toMatchObject([{ FromPort: 22, CidrIpv4: '198.51.100.0/24' }]);
});

it.each<[what: string, permission: IpPermission, code: string, message: string]>([
  [
    'a bad block',
    tcp(80, '58.29.99.44/40'),
    'InvalidParameterValue',
    'CIDR block 58.29.99.44/40 is malformed',
  ],
  ['no port', { IpProtocol: 'tcp', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }, 'InvalidParameterValue', 'port'],
  [
    'an unknown group',
    { ...tcp(80), UserIdGroupPairs: [{ GroupId: 'sg-0123456789abcdef0' }] },
    'InvalidGroup.NotFound',
    'sg-0123456789abcdef0',
  ],
  [
    'an unknown prefix list',
    { ...tcp(80), PrefixListIds: [{ PrefixListId: 'pl-0123456789abcdef0' }] },
    'InvalidPrefixListID.NotFound',
    'pl-0123456789abcdef0',
  ],
])('refuses %s', async (_what, permission, code, message) => {
  const asked = { GroupId: db, IpPermissions: [permission] };
  await expectRefusal(ec2.authorizeSecurityGroupIngress(asked), code, message);
  await expectRefusal(ec2.authorizeSecurityGroupEgress(asked), code, message);
});

it('changes descriptions by permission and by rule id', async () => {
  const [ssh] = await rulesOf(db);
  await ec2.updateSecurityGroupRuleDescriptionsIngress({
    GroupId: db,
    IpPermissions: [{ ...tcp(22), IpRanges: [{ CidrIp: '198.51.100.0/24', Description: 'admins' }] }],
  });
  expect(await rulesOf(db)).toMatchObject([{ ...ssh, Description: 'admins' }]);
  const [v4] = (await rulesOf(db, true)).filter(({ CidrIpv4 }) => CidrIpv4);
  const SecurityGroupRuleId = v4?.SecurityGroupRuleId;
  await ec2.updateSecurityGroupRuleDescriptionsEgress({
    GroupId: db,
    SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId, Description: 'wherever' }],
  });
  const { SecurityGroupRules } = await ec2.describeSecurityGroupRules({
    SecurityGroupRuleIds: [SecurityGroupRuleId ?? ''],
  });
  expect(SecurityGroupRules).toMatchObject([{ CidrIpv4: '0.0.0.0/0', Description: 'wherever' }]);
});

it('modifies rules in place', async () => {
  const [ssh] = await rulesOf(db);
  const SecurityGroupRuleId = ssh?.SecurityGroupRuleId;
  const modify = (SecurityGroupRule: object) =>
    ec2.modifySecurityGroupRules({
      GroupId: db,
      SecurityGroupRules: [{ SecurityGroupRuleId, SecurityGroupRule }],
    });
  const wanted = { IpProtocol: 'tcp', FromPort: 2222, ToPort: 2223, CidrIpv4: '203.0.113.0/24' };
  expect(await modify(wanted)).toMatchObject({ Return: true });
  expect(await rulesOf(db)).toMatchObject([{ SecurityGroupRuleId, ...wanted }]);
  await expectRefusal(modify({ ...wanted, CidrIpv4: undefined }), 'MissingParameter', 'exactly one of');
  await expectRefusal(
    modify({ ...wanted, ReferencedGroupId: web }),
    'InvalidParameterCombination',
    'Only one',
  );
  expect(await rulesOf(db)).toMatchObject([{ SecurityGroupRuleId, ...wanted }]);
});

it('tags rules, and finds them by tag and page by page', async () => {
  const [ssh] = await rulesOf(db);
  await ec2.createTags({
    Resources: [ssh?.SecurityGroupRuleId ?? ''],
    Tags: [{ Key: 'why', Value: 'night shift' }],
  });
  const { SecurityGroupRules } = await ec2.describeSecurityGroupRules({
    Filters: [{ Name: 'tag:why', Values: ['night*'] }],
  });
  expect(SecurityGroupRules).toMatchObject([
    { SecurityGroupRuleId: ssh?.SecurityGroupRuleId, Tags: [{ Key: 'why', Value: 'night shift' }] },
  ]);
  const pages = await pagesOf(paginateDescribeSecurityGroupRules({ client: ec2, pageSize: 5 }, {}));
  const ids = pages.flatMap(({ SecurityGroupRules: rules = [] }) =>
    rules.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId),
  );
  const all = (await ec2.describeSecurityGroupRules({})).SecurityGroupRules ?? [];
  expect(pages.length).toBe(Math.ceil(all.length / 5));
  expect(ids).toEqual(all.map(({ SecurityGroupRuleId }) => SecurityGroupRuleId));
});

it('revokes by permission and by rule id, and says what it did not find', async () => {
  const asked = [tcp(2222, '203.0.113.0/24')];
  const missed = await ec2.revokeSecurityGroupIngress({ GroupId: db, IpPermissions: asked });
  expect(missed).toMatchObject({ Return: true, UnknownIpPermissions: [asked[0]] });
  const [ssh] = await rulesOf(db);
  const hit = await ec2.revokeSecurityGroupIngress({
    GroupId: db,
    IpPermissions: [{ ...tcp(2222, '203.0.113.0/24'), ToPort: 2223 }],
  });
  expect(hit.RevokedSecurityGroupRules).toMatchObject([{ SecurityGroupRuleId: ssh?.SecurityGroupRuleId }]);
  const ids = (await rulesOf(db, true)).map(({ SecurityGroupRuleId }) => SecurityGroupRuleId ?? '');
  await ec2.revokeSecurityGroupEgress({ GroupId: db, SecurityGroupRuleIds: ids });
  expect([await rulesOf(db), await rulesOf(db, true)]).toEqual([[], []]);
  await expectRefusal(
    ec2.revokeSecurityGroupEgress({ GroupId: db, SecurityGroupRuleIds: ids }),
    'InvalidSecurityGroupRuleId.NotFound',
    `The security group rule ID '${ids[0]}' does not exist`,
  );
});

it('counts to the limit', async () => {
  const full = await create('full');
  const ranges = (from: number, count: number): IpPermission => ({
    ...tcp(80),
    IpRanges: Array.from({ length: count }, (_, n) => ({ CidrIp: `10.0.${from + n}.0/24` })),
  });
  await ec2.authorizeSecurityGroupIngress({ GroupId: full, IpPermissions: [ranges(0, 60)] });
  await expectRefusal(
    ec2.authorizeSecurityGroupIngress({ GroupId: full, IpPermissions: [ranges(60, 1)] }),
    'RulesPerSecurityGroupLimitExceeded',
    'maximum number of rules per security group has been reached',
  );
});

it('says who refers to a group', async () => {
  const { SecurityGroupReferenceSet } = await ec2.describeSecurityGroupReferences({ GroupId: [db] });
  expect(SecurityGroupReferenceSet).toEqual([]); // only groups across a peering of VPCs count, and there are none
  expect((await ec2.describeStaleSecurityGroups({ VpcId: await vpcId() })).StaleSecurityGroupSet).toEqual([]);
  const { SecurityGroupForVpcs } = await ec2.getSecurityGroupsForVpc({ VpcId: await vpcId() });
  expect(SecurityGroupForVpcs?.map(({ GroupName }) => GroupName)).toEqual(['default', 'web', 'db', 'full']);
});

const vpcId = async (): Promise<string> =>
  (await ec2.describeSecurityGroups({ GroupIds: [web] })).SecurityGroups?.[0]?.VpcId ?? '';

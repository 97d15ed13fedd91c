import { EC2, type IpPermission } from '@aws-sdk/client-ec2';
import { STS } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Installation } from '../support/installation.js';
import { environmentOf, expectRefusal, sdkSettings } from './support/clients.js';
import { snippet } from './support/snippets.js';
import * as groups from './support/terraform-groups.js';
import * as instances from './support/terraform-instances.js';

// A configuration's life: applied, planned again, changed, destroyed. Terraform itself is not run: it comes from
// no package registry. These are the calls of its provider, by the SDK.

let installation: Installation;
let ec2: EC2;
let sts: STS;
let web: string;
let db: string;
let rule: string;
let server: string;

/** Built from nothing but the provider block and the key. */
beforeAll(async () => {
  installation = await Installation.start(1);
  const provider = snippet('Terraform', 'hcl', environmentOf(installation));
  const settings = new Map(
    [...provider.matchAll(/^ *(\w+) += "?([^"\n]+)"?$/gm)].map(([, key, value]) => [key, value]),
  );
  const region = settings.get('region') ?? '';
  ec2 = new EC2({ ...sdkSettings(installation), region, endpoint: settings.get('ec2') ?? '' });
  sts = new STS({ ...sdkSettings(installation), region, endpoint: settings.get('sts') ?? '' });
});
afterAll(async () => installation[Symbol.asyncDispose]());

const tcp = (port: number, peer: IpPermission): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: port,
  ToPort: port,
  ...peer,
});
const anyone: IpPermission = { IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'anyone' }] };

it('asks who it is, unless the block says not to', async () => {
  expect(await sts.getCallerIdentity()).toMatchObject({ Account: '111122223333' });
});

it('applies groups, and finds in them what it has put there', async () => {
  web = await groups.createGroup(ec2, 'web', [{ Key: 'Name', Value: 'web' }]);
  expect(await groups.readGroup(ec2, web)).toMatchObject({
    Tags: [{ Key: 'Name', Value: 'web' }],
    IpPermissions: [],
    IpPermissionsEgress: [],
    VpcId: expect.stringMatching(/^vpc-/),
  });
  await groups.changeIngress(ec2, web, [], [tcp(80, anyone), tcp(443, anyone)]);
  expect((await groups.readGroup(ec2, web)).IpPermissions).toMatchObject([tcp(80, anyone), tcp(443, anyone)]);
  db = await groups.createGroup(ec2, 'db', []);
});

it('applies rules that are resources of their own', async () => {
  const peer = { UserIdGroupPairs: [{ GroupId: web, Description: 'sql' }] };
  rule = await groups.createRule(ec2, 'ingress', db, tcp(5432, peer), [{ Key: 'Name', Value: 'sql' }]);
  expect(await groups.readRule(ec2, rule)).toMatchObject({
    GroupId: db,
    IsEgress: false,
    ReferencedGroupInfo: { GroupId: web, UserId: '111122223333' },
    Description: 'sql',
    Tags: [{ Key: 'Name', Value: 'sql' }],
  });
  const all = { IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] };
  const out = await groups.createRule(ec2, 'egress', web, all, [{ Key: 'Name', Value: 'out' }]);
  expect(await groups.readRule(ec2, out)).toMatchObject({ IsEgress: true, FromPort: -1, ToPort: -1 });
});

it('changes rules in place, their descriptions, and tags', async () => {
  const wanted = { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5433, Description: 'sql and more' };
  await ec2.modifySecurityGroupRules({
    GroupId: db,
    SecurityGroupRules: [
      { SecurityGroupRuleId: rule, SecurityGroupRule: { ...wanted, ReferencedGroupId: web } },
    ],
  });
  expect(await groups.readRule(ec2, rule)).toMatchObject({
    ...wanted,
    SecurityGroupRuleId: rule,
    ReferencedGroupInfo: { GroupId: web },
  });
  const described = tcp(80, { IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'all of them' }] });
  await ec2.updateSecurityGroupRuleDescriptionsIngress({ GroupId: web, IpPermissions: [described] });
  const onlyOffice = tcp(443, { IpRanges: [{ CidrIp: '192.0.2.0/24' }] });
  await groups.changeIngress(ec2, web, [tcp(443, anyone)], [onlyOffice]);
  expect((await groups.readGroup(ec2, web)).IpPermissions).toMatchObject([described, onlyOffice]);
  await groups.changeTags(ec2, web, ['Name'], [{ Key: 'team', Value: 'shop' }]);
  expect((await groups.readGroup(ec2, web)).Tags).toEqual([{ Key: 'team', Value: 'shop' }]);
});

it('applies an instance, and reads all that its state holds', async () => {
  const settings = { name: 'server', groupIds: [web], clientToken: 'terraform-20260101000000000000000001' };
  server = await instances.createInstance(ec2, settings);
  const read = await instances.readInstance(ec2, server);
  expect(read).toMatchObject({
    instance: {
      InstanceId: server,
      InstanceType: 't3.micro',
      State: { Name: 'running' },
      SecurityGroups: [{ GroupId: web, GroupName: 'web' }],
      SourceDestCheck: true, // what a configuration that says nothing means
      SubnetId: expect.stringMatching(/^subnet-/), // without it the provider would know the groups by name only
      NetworkInterfaces: [
        { NetworkInterfaceId: expect.stringMatching(/^eni-/), Attachment: { DeviceIndex: 0 } },
      ],
      Monitoring: { State: 'disabled' },
      Placement: { AvailabilityZone: expect.stringMatching(/./), Tenancy: 'default' },
      Tags: [{ Key: 'Name', Value: 'server' }],
    },
    types: [{ InstanceType: 't3.micro' }],
    credits: [{ InstanceId: server }],
    vpcs: [{ IsDefault: true }],
    attributes: {
      InstanceInitiatedShutdownBehavior: { Value: expect.stringMatching(/^(stop|terminate)$/) },
      DisableApiStop: { Value: false },
      DisableApiTermination: { Value: false },
    },
    launchTemplate: [],
    volumes: [],
    tags: [{ Key: 'Name', Value: 'server', ResourceId: server, ResourceType: 'instance' }],
  });
  expect(await instances.createInstance(ec2, settings)).toBe(server); // an apply that was broken off, once more
});

it('destroys all at once, and group after instance by trying again', async () => {
  await expectRefusal(ec2.deleteSecurityGroup({ GroupId: web }), 'DependencyViolation', web);
  await Promise.all([
    groups.deleteGroup(ec2, web),
    instances.deleteInstance(ec2, server),
    ec2
      .revokeSecurityGroupIngress({ GroupId: db, SecurityGroupRuleIds: [rule] })
      .then(() => groups.deleteGroup(ec2, db)),
  ]);
  await expectRefusal(groups.readRule(ec2, rule), 'InvalidSecurityGroupRuleId.NotFound', rule);
  const { SecurityGroups } = await ec2.describeSecurityGroups();
  expect(SecurityGroups).toMatchObject([{ GroupName: 'default' }]);
});

import {
  EC2,
  paginateDescribeInstances,
  waitUntilInstanceExists,
  waitUntilInstanceRunning,
  waitUntilInstanceStatusOk,
  waitUntilInstanceTerminated,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { STS } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Installation } from '../../support/installation.js';
import { expectRefusal, openEc2, pagesOf, sdkSettings } from '../support/clients.js';

let installation: Installation;
let ec2: EC2;
let web: string;
let ids: string[];

const launch = { ImageId: 'ami-12345678', InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 } as const;
const run = async (more: Partial<RunInstancesCommandInput> = {}) =>
  (await ec2.runInstances({ ...launch, ...more })).Instances ?? [];
const times = (client: EC2) => ({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 });

beforeAll(async () => {
  installation = await Installation.start(2);
  ec2 = openEc2(installation);
  web = (await ec2.createSecurityGroup({ GroupName: 'web', Description: 'x' })).GroupId ?? '';
});
afterAll(async () => installation[Symbol.asyncDispose]());

it('knows who it is', async () => {
  const sts = new STS(sdkSettings(installation));
  expect(await sts.getCallerIdentity()).toMatchObject({
    Account: '111122223333',
    Arn: expect.stringMatching(/^arn:aws:(iam|sts)::111122223333:/),
    UserId: expect.stringMatching(/./),
  });
});

it('may have another region in mind', async () => {
  const elsewhere = new EC2({ ...sdkSettings(installation), region: 'eu-central-1' });
  expect((await elsewhere.describeVpcs()).Vpcs).toHaveLength(1);
});

it('finds the network it is in', async () => {
  const { Vpcs } = await ec2.describeVpcs();
  expect(Vpcs).toMatchObject([{ IsDefault: true, State: 'available', OwnerId: '111122223333' }]);
  const { SecurityGroups } = await ec2.describeSecurityGroups({ GroupIds: [web] });
  expect(SecurityGroups?.[0]?.VpcId).toBe(Vpcs?.[0]?.VpcId);
  const { Subnets = [] } = await ec2.describeSubnets();
  expect(Subnets.length).toBeGreaterThan(0);
  for (const subnet of Subnets) expect(subnet.VpcId).toBe(Vpcs?.[0]?.VpcId);
  const { AvailabilityZones = [] } = await ec2.describeAvailabilityZones();
  expect(AvailabilityZones.map(({ ZoneName }) => ZoneName)).toContain(Subnets[0]?.AvailabilityZone);
  expect((await ec2.describeRegions()).Regions).toMatchObject([{ RegionName: 'us-east-1' }]);
});

it('launches instances with tags and waits until they run', async () => {
  const launched = await run({
    MaxCount: 3,
    SecurityGroupIds: [web],
    TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: 'web' }] }],
  });
  ids = launched.map(({ InstanceId = '' }) => InstanceId);
  expect(ids).toHaveLength(3);
  await waitUntilInstanceExists(times(ec2), { InstanceIds: ids });
  await waitUntilInstanceRunning(times(ec2), { InstanceIds: ids });
  await waitUntilInstanceStatusOk(times(ec2), { InstanceIds: ids });
  const { Reservations } = await ec2.describeInstances({ InstanceIds: ids });
  expect(Reservations).toMatchObject([{ OwnerId: '111122223333' }]);
  for (const instance of Reservations?.[0]?.Instances ?? [])
    expect(instance).toMatchObject({
      ImageId: 'ami-12345678',
      InstanceType: 't3.micro',
      State: { Name: 'running', Code: 16 },
      PrivateIpAddress: expect.stringMatching(/^10\.0\.[12]\.\d+$/),
      SecurityGroups: [{ GroupId: web, GroupName: 'web' }],
      Tags: [{ Key: 'Name', Value: 'web' }],
      NetworkInterfaces: [{ Groups: [{ GroupId: web, GroupName: 'web' }] }],
    });
});

it('launches once for one client token', async () => {
  const once = { ClientToken: 'rampart-1', SecurityGroups: ['web'] };
  const [first, again] = [await run(once), await run(once)];
  expect(again.map(({ InstanceId }) => InstanceId)).toEqual(first.map(({ InstanceId }) => InstanceId));
  await expectRefusal(run({ ...once, InstanceType: 't3.large' }), 'IdempotentParameterMismatch');
  await ec2.terminateInstances({ InstanceIds: first.map(({ InstanceId = '' }) => InstanceId) });
});

it('finds them by filters and page by page', async () => {
  const idsBy = async (Name: string, ...Values: string[]) => {
    const { Reservations = [] } = await ec2.describeInstances({ Filters: [{ Name, Values }] });
    return Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId));
  };
  expect(await idsBy('tag:Name', 'w?b')).toEqual(ids);
  expect((await idsBy('instance.group-id', web)).slice(0, 3)).toEqual(ids);
  expect(await idsBy('instance-state-name', 'running')).toEqual(ids);
  expect(await idsBy('instance-state-name', 'stopped')).toEqual([]);
  const more = (await run({ MaxCount: 9 })).map(({ InstanceId = '' }) => InstanceId);
  const Filters = [{ Name: 'instance-state-name', Values: ['running'] }];
  const pages = await pagesOf(paginateDescribeInstances({ client: ec2, pageSize: 5 }, { Filters }));
  const seen = pages.flatMap(({ Reservations = [] }) =>
    Reservations.flatMap(({ Instances = [] }) => Instances.map(({ InstanceId }) => InstanceId)),
  );
  expect(pages).toHaveLength(3);
  expect(seen).toEqual([...ids, ...more]);
  await ec2.terminateInstances({ InstanceIds: more });
});

it('finds the interfaces that they have', async () => {
  const { NetworkInterfaces = [] } = await ec2.describeNetworkInterfaces({
    Filters: [{ Name: 'group-id', Values: [web] }],
  });
  const attached = NetworkInterfaces.map(({ Attachment }) => Attachment?.InstanceId);
  expect(new Set(attached)).toEqual(new Set(ids));
});

it('takes groups and subnet at the interface, where some clients put them', async () => {
  const SubnetId = (await ec2.describeSubnets()).Subnets?.[0]?.SubnetId;
  const [launched] = await run({
    NetworkInterfaces: [{ DeviceIndex: 0, AssociatePublicIpAddress: false, SubnetId, Groups: [web] }],
  });
  expect(launched).toMatchObject({ SubnetId, SecurityGroups: [{ GroupId: web }] });
  await ec2.terminateInstances({ InstanceIds: [launched?.InstanceId ?? ''] });
});

it('gets EC2’s codes for what is refused', async () => {
  const unknown = 'i-0123456789abcdef0';
  await expectRefusal(
    ec2.describeInstances({ InstanceIds: [ids[0] ?? '', unknown] }),
    'InvalidInstanceID.NotFound',
    `The instance ID '${unknown}' does not exist`,
  );
  await expectRefusal(ec2.describeInstances({ InstanceIds: ['web'] }), 'InvalidInstanceID.Malformed', 'web');
  await expectRefusal(
    ec2.terminateInstances({ InstanceIds: [...ids, unknown] }),
    'InvalidInstanceID.NotFound',
  );
  await expectRefusal(run({ SecurityGroups: ['nobody'] }), 'InvalidGroup.NotFound', 'nobody');
  await expectRefusal(run({ DryRun: true }), 'DryRunOperation', /./, 412);
  await expectRefusal(ec2.deleteSecurityGroup({ GroupId: web }), 'DependencyViolation', web);
  await waitUntilInstanceRunning(times(ec2), { InstanceIds: ids });
});

it('gets EC2’s codes when the key is wrong', async () => {
  const settings = sdkSettings(installation);
  const { accessKeyId, secretAccessKey } = settings.credentials;
  const as = (credentials: typeof settings.credentials) =>
    new STS({ ...settings, credentials }).getCallerIdentity();
  await expect(as({ accessKeyId, secretAccessKey: 'wrong' })).rejects.toMatchObject({
    name: 'SignatureDoesNotMatch',
    $metadata: { httpStatusCode: 403 },
  });
  await expect(as({ accessKeyId: 'AKIDNOBODY1234567', secretAccessKey })).rejects.toMatchObject({
    name: 'InvalidClientTokenId',
  });
});

it('terminates them and waits until they are', async () => {
  const { TerminatingInstances } = await ec2.terminateInstances({ InstanceIds: ids });
  expect(TerminatingInstances).toHaveLength(3);
  for (const one of TerminatingInstances ?? []) expect(one.PreviousState).toMatchObject({ Name: 'running' });
  await waitUntilInstanceTerminated(times(ec2), { InstanceIds: ids });
  expect((await ec2.terminateInstances({ InstanceIds: ids })).TerminatingInstances?.[0]).toMatchObject({
    CurrentState: { Name: 'terminated', Code: 48 },
  });
  expect(await ec2.deleteSecurityGroup({ GroupId: web })).toMatchObject({ GroupId: web });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ec2Client, first, items, type Content } from '../support/ec2-client.js';
import { Installation } from '../support/installation.js';

// What EC2 clients ask about instances and the network, by HTTP, of a control plane as it runs everywhere.

let installation: Installation;
let ec2: Ec2Client;
let web: string;
let db: string;
beforeAll(async () => {
  installation = await Installation.start(2);
  ec2 = new Ec2Client(installation.environment);
  web = await createGroup('web');
  db = await createGroup('db');
});
afterAll(async () => installation[Symbol.asyncDispose]());

const createGroup = async (GroupName: string): Promise<string> =>
  (await ec2.ask('CreateSecurityGroup', { GroupName, GroupDescription: GroupName })).content.groupId;

const ONE = { ImageId: 'ami-1', MinCount: '1', MaxCount: '1' };
const run = (parameters: Record<string, string> = {}) => ec2.ask('RunInstances', { ...ONE, ...parameters });
const instancesIn = (reservation: Content): readonly Content[] => items(reservation.instancesSet);
const launched = async (parameters: Record<string, string> = {}): Promise<Content> => {
  const answer = await run(parameters);
  expect(answer).toMatchObject({ status: 200, code: undefined });
  return first(instancesIn(answer.content));
};
const found = async (parameters: Record<string, string>): Promise<readonly string[]> => {
  const answer = await ec2.ask('DescribeInstances', parameters);
  expect(answer.code).toBeUndefined();
  return items(answer.content.reservationSet)
    .flatMap(instancesIn)
    .map((instance) => instance.instanceId);
};
const filter = (name: string, ...values: readonly string[]): Record<string, string> => ({
  'Filter.1.Name': name,
  ...Object.fromEntries(values.map((value, index) => [`Filter.1.Value.${index + 1}`, value])),
});

describe('RunInstances', () => {
  it('takes groups by id, by name, and at a network interface', async () => {
    const groupsOf = async (parameters: Record<string, string>): Promise<readonly string[]> =>
      items((await launched(parameters)).groupSet).map((group) => group.groupId);
    expect(await groupsOf({ 'SecurityGroupId.1': web, 'SecurityGroupId.2': db })).toEqual([web, db]);
    expect(await groupsOf({ 'SecurityGroup.1': 'web' })).toEqual([web]);
    expect(
      await groupsOf({ 'NetworkInterface.1.DeviceIndex': '0', 'NetworkInterface.1.SecurityGroupId.1': db }),
    ).toEqual([db]);
  });

  it('is repeated safely with a ClientToken', async () => {
    const [first, again] = await Promise.all([run({ ClientToken: 'once' }), run({ ClientToken: 'once' })]);
    const ids = instancesIn(first.content).map(({ instanceId }) => instanceId);
    expect(ids).toHaveLength(1);
    expect(again.content.reservationId).toBe(first.content.reservationId);
    expect(instancesIn(again.content).map(({ instanceId }) => instanceId)).toEqual(ids);
    expect(await found(filter('client-token', 'once'))).toEqual(ids);
    expect((await run({ ClientToken: 'once', ImageId: 'ami-2' })).code).toBe('IdempotentParameterMismatch');
  });

  it('tags instances, and passes over tags of what does not exist here', async () => {
    const { instanceId, tagSet } = await launched({
      'TagSpecification.1.ResourceType': 'volume',
      'TagSpecification.1.Tag.1.Key': 'lost',
      'TagSpecification.1.Tag.1.Value': 'x',
      'TagSpecification.2.ResourceType': 'instance',
      'TagSpecification.2.Tag.1.Key': 'Name',
      'TagSpecification.2.Tag.1.Value': 'one <&> only',
    });
    expect(items(tagSet)).toEqual([{ key: 'Name', value: 'one <&> only' }]);
    expect(await found(filter('tag:Name', 'one <&> only'))).toEqual([instanceId]);
  });

  it('puts an instance where it is asked to', async () => {
    const there = await launched({ 'Placement.HostId': 'host-2', PrivateIpAddress: '10.0.2.77' });
    expect(there).toMatchObject({
      privateIpAddress: '10.0.2.77',
      placement: { hostId: 'host-2', availabilityZone: 'us-east-1a' },
    });
    expect((await run({ PrivateIpAddress: '10.0.2.77' })).code).toBe('InvalidIPAddress.InUse');
    expect((await run({ SubnetId: there.subnetId })).status).toBe(200);
  });

  it.each<[string, Record<string, string>, string]>([
    ['no image', { ImageId: '' }, 'MissingParameter'],
    ['no count', { MinCount: '' }, 'MissingParameter'],
    ['too many', { MaxCount: '1001' }, 'InvalidParameterValue'],
    ['a malformed group', { 'SecurityGroupId.1': 'web' }, 'InvalidGroupId.Malformed'],
    ['an unknown group', { 'SecurityGroup.1': 'nobody' }, 'InvalidGroup.NotFound'],
    ['another subnet', { SubnetId: 'subnet-1a2b3c4d' }, 'InvalidSubnetID.NotFound'],
    ['another zone', { 'Placement.AvailabilityZone': 'mars-1' }, 'InvalidParameterValue'],
    ['no such host', { 'Placement.HostId': 'host-9' }, 'InvalidHostID.NotFound'],
    ['no address', { PrivateIpAddress: '10.0.2' }, 'InvalidParameterValue'],
    [
      'two interfaces',
      { 'NetworkInterface.1.DeviceIndex': '0', 'NetworkInterface.2.DeviceIndex': '1' },
      'InvalidParameterCombination',
    ],
    ['a token with spaces', { ClientToken: 'a b' }, 'InvalidParameterValue'],
    ['tags of a fruit', { 'TagSpecification.1.ResourceType': 'fruit' }, 'InvalidParameterValue'],
  ])('refuses %s', async (_what, parameters, code) => {
    expect(await run(parameters)).toMatchObject({ status: 400, code });
  });
});

describe('DryRun', () => {
  it('says what would happen, and lets nothing happen', async () => {
    const before = await found({});
    expect(await run({ DryRun: 'true' })).toMatchObject({ status: 412, code: 'DryRunOperation' });
    expect((await run({ DryRun: 'true', 'SecurityGroup.1': 'nobody' })).code).toBe('InvalidGroup.NotFound');
    expect((await run({ DryRun: 'true', ImageId: '' })).code).toBe('MissingParameter');
    expect((await ec2.ask('DescribeVpcs', { DryRun: 'true' })).code).toBe('DryRunOperation');
    expect((await ec2.ask('DeleteSecurityGroup', { GroupId: web, DryRun: 'true' })).code).toBe(
      'DependencyViolation',
    );
    expect(await found({})).toEqual(before);
  });
});

describe('DescribeInstances', () => {
  it('finds an instance by whatever is known of it', async () => {
    await createGroup('findable');
    const one = await launched({
      'SecurityGroup.1': 'findable',
      ImageId: 'ami-find',
      InstanceType: 'x1.find',
      KeyName: 'key-find',
      'TagSpecification.1.ResourceType': 'instance',
      'TagSpecification.1.Tag.1.Key': 'find-me',
      'TagSpecification.1.Tag.1.Value': 'yes',
    });
    const card = first(items(one.networkInterfaceSet));
    const group = first(items(one.groupSet));
    const only: Record<string, string> = {
      'instance-id': one.instanceId,
      'image-id': 'ami-*find',
      'instance-type': 'x1.find',
      'key-name': 'key-fin?',
      'instance.group-id': group.groupId,
      'instance.group-name': 'findable',
      'network-interface.group-name': 'findable',
      'network-interface.network-interface-id': card.networkInterfaceId,
      'network-interface.mac-address': card.macAddress,
      'network-interface.addresses.private-ip-address': one.privateIpAddress,
      'private-ip-address': one.privateIpAddress,
      'ipv6-address': one.ipv6Address,
      'tag:find-me': 'yes',
      'tag-key': 'find-*',
    };
    for (const [name, value] of Object.entries(only))
      expect([name, await found(filter(name, value))]).toEqual([name, [one.instanceId]]);
    const all = await found(filter('instance-state-name', 'running'));
    for (const [name, value] of Object.entries({
      'vpc-id': one.vpcId,
      'subnet-id': one.subnetId,
      'availability-zone': 'us-east-1a',
      'network-interface.vpc-id': one.vpcId,
      'owner-id': '111122223333',
    }))
      expect([name, await found(filter(name, value))]).toEqual([name, all]);
  });

  it('shows pages', async () => {
    const all = await found({});
    const pages: string[] = [];
    let token: string | undefined;
    do {
      const answer = await ec2.ask('DescribeInstances', {
        MaxResults: '5',
        ...(token === undefined ? {} : { NextToken: token }),
      });
      pages.push(
        ...items(answer.content.reservationSet)
          .flatMap(instancesIn)
          .map((one) => one.instanceId),
      );
      token = answer.content.nextToken;
    } while (token !== undefined);
    expect(pages).toEqual(all);
  });

  it.each<[string, Record<string, string>, string]>([
    ['an unknown instance', { 'InstanceId.1': 'i-1a2b3c4d' }, 'InvalidInstanceID.NotFound'],
    ['a malformed id', { 'InstanceId.1': 'mine' }, 'InvalidInstanceID.Malformed'],
    ['an unknown filter', filter('colour', 'red'), 'InvalidParameterValue'],
    ['a page too small', { MaxResults: '4' }, 'InvalidParameterValue'],
    ['a token of its own making', { NextToken: 'x' }, 'InvalidNextToken'],
  ])('refuses %s', async (_what, parameters, code) => {
    expect((await ec2.ask('DescribeInstances', parameters)).code).toBe(code);
  });
});

describe('an instance that ends', () => {
  it('leaves the network, and is shown for a while', async () => {
    const { instanceId } = await launched({ 'SecurityGroup.1': 'web' });
    const ended = await ec2.ask('TerminateInstances', { 'InstanceId.1': instanceId });
    expect(items(ended.content.instancesSet)[0]).toMatchObject({
      instanceId,
      previousState: { name: 'running' },
      currentState: { name: 'shutting-down' },
    });
    const { content } = await ec2.ask('DescribeInstances', { 'InstanceId.1': instanceId });
    const shown = first(instancesIn(first(items(content.reservationSet))));
    expect(shown).toMatchObject({
      instanceState: { name: 'terminated' },
      groupSet: '',
      networkInterfaceSet: '',
    });
    expect(shown).not.toHaveProperty('privateIpAddress');
    expect(await found({ ...filter('instance.group-id', web) })).not.toContain(instanceId);
    const statusOf = async (parameters: Record<string, string>): Promise<readonly Content[]> =>
      items(
        (await ec2.ask('DescribeInstanceStatus', { 'InstanceId.1': instanceId, ...parameters })).content
          .instanceStatusSet,
      );
    expect(await statusOf({})).toEqual([]);
    expect(await statusOf({ IncludeAllInstances: 'true' })).toMatchObject([
      { instanceState: { name: 'terminated' } },
    ]);
    const again = await ec2.ask('TerminateInstances', { 'InstanceId.1': instanceId });
    expect(items(again.content.instancesSet)[0]).toMatchObject({ previousState: { name: 'terminated' } });
  });
});

describe('what an instance can’t do here', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    ['StopInstances', {}, /no power state/],
    ['StartInstances', {}, /no power state/],
    ['ModifyInstanceAttribute', { 'GroupId.1': 'sg-1a2b3c4d' }, /fixed at its launch/],
    ['ModifyNetworkInterfaceAttribute', { 'SecurityGroupId.1': 'sg-1a2b3c4d' }, /fixed at its launch/],
    ['ModifyInstanceAttribute', { 'DisableApiTermination.Value': 'true' }, /disableApiTermination/],
  ])('%s is refused with the reason', async (action, parameters, message) => {
    const { instanceId } = await launched();
    const answer = await ec2.ask(action, {
      'InstanceId.1': instanceId,
      InstanceId: instanceId,
      ...parameters,
    });
    expect(answer).toMatchObject({ status: 400, code: 'UnsupportedOperation' });
    expect(answer.message).toMatch(message);
  });

  it('but what is so already may be asked for', async () => {
    const { instanceId } = await launched();
    const asked = { InstanceId: instanceId, 'DisableApiTermination.Value': 'false' };
    expect((await ec2.ask('ModifyInstanceAttribute', asked)).content.return).toBe('true');
    const attribute = await ec2.ask('DescribeInstanceAttribute', {
      InstanceId: instanceId,
      Attribute: 'disableApiTermination',
    });
    expect(attribute.content).toMatchObject({ instanceId, disableApiTermination: { value: 'false' } });
  });
});

describe('a host', () => {
  it('is an instance itself with the tenancy host, by its own addresses, and one only', async () => {
    const host = { 'Placement.HostId': 'host-1', 'Placement.Tenancy': 'host' };
    expect(await launched(host)).toMatchObject({
      privateIpAddress: '192.0.2.1',
      placement: { hostId: 'host-1', tenancy: 'host' },
    });
    expect((await run(host)).code).toBe('InvalidIPAddress.InUse');
    expect((await run({ 'Placement.Tenancy': 'host' })).code).toBe('InvalidParameterCombination');
  });
});

describe('the network', () => {
  it('is one VPC with one subnet, whose ids stay', async () => {
    const listed = async (
      action: string,
      set: 'vpcSet' | 'subnetSet',
      parameters = {},
    ): Promise<readonly Content[]> => items((await ec2.ask(action, parameters)).content[set]);
    const vpcs = await listed('DescribeVpcs', 'vpcSet');
    expect(vpcs).toHaveLength(1);
    const vpc = first(vpcs);
    expect(vpc).toMatchObject({
      isDefault: 'true',
      cidrBlock: expect.stringMatching(/^10\.0\.[12]\.0\/24$/),
    });
    const instance = await launched();
    expect(instance.vpcId).toBe(vpc.vpcId);
    const [subnet] = await listed('DescribeSubnets', 'subnetSet', filter('vpc-id', vpc.vpcId));
    expect(subnet).toMatchObject({
      vpcId: vpc.vpcId,
      subnetId: instance.subnetId,
      availabilityZone: 'us-east-1a',
    });
    expect(await listed('DescribeVpcs', 'vpcSet', filter('isDefault', 'false'))).toEqual([]);
    expect((await ec2.ask('DescribeVpcs', { 'VpcId.1': 'vpc-1a2b3c4d' })).code).toBe('InvalidVpcID.NotFound');
    const attribute = { VpcId: vpc.vpcId, Attribute: 'enableDnsSupport' };
    expect((await ec2.ask('DescribeVpcAttribute', attribute)).content.enableDnsSupport.value).toBe('true');
    for (const action of [
      'InternetGateways',
      'RouteTables',
      'NetworkAcls',
      'Volumes',
      'KeyPairs',
      'Addresses',
    ])
      expect((await ec2.ask(`Describe${action}`)).status).toBe(200);
  });

  it('has an interface for each instance', async () => {
    const instance = await launched({ 'SecurityGroup.1': 'db' });
    const cards = async (parameters: Record<string, string>): Promise<readonly Content[]> =>
      items((await ec2.ask('DescribeNetworkInterfaces', parameters)).content.networkInterfaceSet);
    const card = first(await cards(filter('attachment.instance-id', instance.instanceId)));
    expect(card).toMatchObject({
      networkInterfaceId: instance.instanceId.replace('i-', 'eni-'),
      privateIpAddress: instance.privateIpAddress,
      groupSet: { item: [{ groupId: db, groupName: 'db' }] },
      attachment: { instanceId: instance.instanceId, status: 'attached' },
    });
    expect(await cards({ 'NetworkInterfaceId.1': card.networkInterfaceId })).toEqual([card]);
    expect(await cards(filter('group-id', db))).toContainEqual(card);
    await ec2.ask('TerminateInstances', { 'InstanceId.1': instance.instanceId });
    expect(await cards(filter('attachment.instance-id', instance.instanceId))).toEqual([]);
    expect(
      (await ec2.ask('DescribeNetworkInterfaces', { 'NetworkInterfaceId.1': card.networkInterfaceId })).code,
    ).toBe('InvalidNetworkInterfaceID.NotFound');
  });

  it('is in one region with one zone', async () => {
    const regions = await ec2.ask('DescribeRegions');
    expect(items(regions.content.regionInfo)).toMatchObject([
      { regionName: 'us-east-1', regionEndpoint: new URL(ec2.url).host },
    ]);
    const zones = await ec2.ask('DescribeAvailabilityZones', filter('state', 'available'));
    expect(items(zones.content.availabilityZoneInfo)).toMatchObject([{ zoneName: 'us-east-1a' }]);
    const attributes = await ec2.ask('DescribeAccountAttributes', {
      'AttributeName.1': 'supported-platforms',
    });
    expect(items(attributes.content.accountAttributeSet)).toHaveLength(1);
  });

  it('has whatever image and type it is asked about', async () => {
    const images = await ec2.ask('DescribeImages', { 'ImageId.1': 'ami-any' });
    expect(items(images.content.imagesSet)).toMatchObject([{ imageId: 'ami-any', imageState: 'available' }]);
    const types = await ec2.ask('DescribeInstanceTypes', { 'InstanceType.1': 'z9.any' });
    expect(items(types.content.instanceTypeSet)).toMatchObject([{ instanceType: 'z9.any' }]);
  });
});

describe('STS', () => {
  it('says who asks, in its own words', async () => {
    const answer = await ec2.ask('GetCallerIdentity', { Version: '2011-06-15' }, 'sts');
    expect(answer.content).toMatchObject({
      '@_xmlns': 'https://sts.amazonaws.com/doc/2011-06-15/',
      GetCallerIdentityResult: { Account: '111122223333', Arn: 'arn:aws:iam::111122223333:root' },
    });
    const unknown = await ec2.ask('AssumeRole', {}, 'sts');
    expect(unknown).toMatchObject({ status: 400, code: 'InvalidAction' });
    expect(unknown.text).toContain('<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">');
    expect((await ec2.ask('GetCallerIdentity')).code).toBe('InvalidAction');
  });
});

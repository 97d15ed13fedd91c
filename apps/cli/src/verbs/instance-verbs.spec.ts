import { describe, expect, it } from 'vitest';
import { linesFor, requestFor } from '../testing/typed.js';
import type { Verb } from '../verb.js';
import { describeInstanceStatus } from './describe-instance-status.js';
import { describeInstances } from './describe-instances.js';
import { runInstances } from './run-instances.js';
import { terminateInstances } from './terminate-instances.js';

const launch = { Action: 'RunInstances', ImageId: 'ami-1', MinCount: '1', MaxCount: '1' };

describe('what ec2-run-instances asks for', () => {
  it.each<[string, Record<string, string>]>([
    ['ami-1', launch],
    ['ami-1 -n 3', { ...launch, MinCount: '3', MaxCount: '3' }],
    ['ami-1 -n 1-3', { ...launch, MaxCount: '3' }],
    [
      'ami-1 -g web -g sg-1a2b3c4d -g db',
      { ...launch, 'SecurityGroup.1': 'web', 'SecurityGroup.2': 'db', 'SecurityGroupId.1': 'sg-1a2b3c4d' },
    ],
    [
      'ami-1 --host rack2 --private-ip-address 10.0.2.7',
      { ...launch, 'Placement.HostId': 'rack2', PrivateIpAddress: '10.0.2.7' },
    ],
    [
      'ami-1 -p webserver --kernel aki-1 --ramdisk ari-1 --client-token once --tenancy dedicated --placement-group near',
      {
        ...launch,
        'IamInstanceProfile.Name': 'webserver',
        KernelId: 'aki-1',
        RamdiskId: 'ari-1',
        ClientToken: 'once',
        'Placement.Tenancy': 'dedicated',
        'Placement.GroupName': 'near',
      },
    ],
    [
      'ami-1 --ebs-optimized --addressing direct --disable-api-termination --instance-initiated-shutdown-behavior stop',
      {
        ...launch,
        EbsOptimized: 'true',
        AddressingType: 'direct',
        DisableApiTermination: 'true',
        InstanceInitiatedShutdownBehavior: 'stop',
      },
    ],
    [
      'ami-1 -k gsg -t m1.small -z a -s subnet-1 -m -d hello',
      {
        ...launch,
        KeyName: 'gsg',
        InstanceType: 'm1.small',
        'Placement.AvailabilityZone': 'a',
        SubnetId: 'subnet-1',
        'Monitoring.Enabled': 'true',
        UserData: 'aGVsbG8=',
      },
    ],
    [
      'ami-1 -b /dev/sdb=none -b /dev/sdc=ephemeral0 -b /dev/sdd=:20:false',
      {
        ...launch,
        'BlockDeviceMapping.1.DeviceName': '/dev/sdb',
        'BlockDeviceMapping.1.NoDevice': 'true',
        'BlockDeviceMapping.2.DeviceName': '/dev/sdc',
        'BlockDeviceMapping.2.VirtualName': 'ephemeral0',
        'BlockDeviceMapping.3.DeviceName': '/dev/sdd',
        'BlockDeviceMapping.3.Ebs.VolumeSize': '20',
        'BlockDeviceMapping.3.Ebs.DeleteOnTermination': 'false',
      },
    ],
  ])('%s', (typed, parameters) => {
    expect(requestFor(runInstances, typed)).toEqual(parameters);
  });

  it.each([
    ['ami-1 -n 0', "--instance-count '0' is malformed: use -n 3, or -n 1-3"],
    ['ami-1 -n 3-1', "--instance-count '3-1' is malformed"],
    ['ami-1 --host a --host b', '--host is given 2 times'],
    ['ami-1 -d a -f b', "--user-data-file 'b' and --user-data exclude each other"],
    ['ami-1 -f /nowhere', "--user-data-file '/nowhere' can't be read: ENOENT"],
    ['ami-1 -b sdb', "--block-device-mapping 'sdb' is malformed"],
  ])('refuses %s', (typed, complaint) => {
    expect(() => requestFor(runInstances, typed)).toThrow(complaint);
  });
});

describe('what the other instance verbs ask for', () => {
  it('describe: ids and filters', () => {
    expect(requestFor(describeInstances, 'i-1 i-2 -F instance.group-name=web')).toEqual({
      Action: 'DescribeInstances',
      'InstanceId.1': 'i-1',
      'InstanceId.2': 'i-2',
      'Filter.1.Name': 'instance.group-name',
      'Filter.1.Value.1': 'web',
    });
  });

  it('describe the status: ids, filters, and whether to include what ended', () => {
    expect(requestFor(describeInstanceStatus, 'i-1 -A -F instance-state-name=running')).toEqual({
      Action: 'DescribeInstanceStatus',
      'InstanceId.1': 'i-1',
      'Filter.1.Name': 'instance-state-name',
      'Filter.1.Value.1': 'running',
      IncludeAllInstances: 'true',
    });
  });

  it('terminate: ids', () => {
    expect(requestFor(terminateInstances, 'i-1 i-2')).toEqual({
      Action: 'TerminateInstances',
      'InstanceId.1': 'i-1',
      'InstanceId.2': 'i-2',
    });
  });
});

const reservation = `
  <reservationId>r-c14d2325</reservationId><ownerId>111122223333</ownerId>
  <instancesSet><item>
    <instanceId>i-1a2b3c4d</instanceId><imageId>ami-12345678</imageId>
    <instanceState><code>16</code><name>running</name></instanceState>
    <dnsName/><privateDnsName>ip-10-0-2-7</privateDnsName><keyName>gsg</keyName><amiLaunchIndex>0</amiLaunchIndex>
    <instanceType>m1.small</instanceType><launchTime>2015-06-18T09:01:14.000Z</launchTime>
    <placement><availabilityZone>rack2</availabilityZone><tenancy>default</tenancy></placement>
    <monitoring><state>disabled</state></monitoring>
    <privateIpAddress>10.0.2.7</privateIpAddress><vpcId>vpc-1</vpcId><subnetId>subnet-1</subnetId>
    <groupSet>
      <item><groupId>sg-1a2b3c4d</groupId><groupName>web</groupName></item>
      <item><groupId>sg-1a2b3c4e</groupId><groupName>admin</groupName></item>
    </groupSet>
    <rootDeviceType>ebs</rootDeviceType><virtualizationType>hvm</virtualizationType><hypervisor>xen</hypervisor>
    <clientToken/><ebsOptimized>false</ebsOptimized>
    <tagSet><item><key>Name</key><value>web 1</value></item></tagSet>
  </item></instancesSet>`;

// One word for each field; a dot is an empty one.
const instanceFields = `
  INSTANCE i-1a2b3c4d ami-12345678 . ip-10-0-2-7 running gsg 0 . m1.small 2015-06-18T09:01:14+0000 rack2 . . .
  monitoring-disabled . 10.0.2.7 . . ebs . . . . hvm xen . sg-1a2b3c4d,sg-1a2b3c4e default false .`
  .trim()
  .split(/\s+/)
  .map((field) => (field === '.' ? '' : field));
const lines = [
  'RESERVATION\tr-c14d2325\t111122223333\tweb,admin',
  instanceFields.join('\t'),
  'GROUP\tsg-1a2b3c4d\tweb',
  'GROUP\tsg-1a2b3c4e\tadmin',
];

describe('what the instance verbs print', () => {
  const tagged = [...lines, 'TAG\tinstance\ti-1a2b3c4d\tName\tweb 1', ''].join('\n');

  it.each<[Verb, string, string]>([
    [runInstances, 'ami-1', reservation],
    [describeInstances, '', `<reservationSet><item>${reservation}</item></reservationSet>`],
  ])('%#: the reservation, its instances, their groups and tags', (verb, typed, answer) => {
    expect(linesFor(verb, typed, answer)).toBe(tagged);
    expect(linesFor(verb, `${typed} --hide-tags`, answer)).toBe([...lines, ''].join('\n'));
  });

  it('titles as many as fields', () => {
    expect(describeInstances.headers?.map((row) => row.length)).toEqual([4, instanceFields.length]);
  });

  it('terminate: the state before and now', () => {
    const answer = `<instancesSet><item>
      <instanceId>i-1</instanceId>
      <currentState><code>32</code><name>shutting-down</name></currentState>
      <previousState><code>16</code><name>running</name></previousState>
    </item></instancesSet>`;
    expect(linesFor(terminateInstances, 'i-1', answer)).toBe('INSTANCE\ti-1\trunning\tshutting-down\n');
  });

  describe('the status', () => {
    const status = (id: string, system: string): string => `<item>
      <instanceId>${id}</instanceId><availabilityZone>us-east-1a</availabilityZone>
      <instanceState><code>16</code><name>running</name></instanceState>
      <systemStatus><status>${system}</status>
        <details><item><name>reachability</name><status>passed</status></item></details></systemStatus>
      <instanceStatus><status>ok</status>
        <details><item><name>reachability</name><status>passed</status></item></details></instanceStatus>
    </item>`;
    const answer = `<instanceStatusSet>${status('i-1', 'ok')}${status('i-2', 'impaired')}</instanceStatusSet>`;
    const linesOf = (id: string, system: string): string =>
      `INSTANCE\t${id}\tus-east-1a\trunning\t16\tok\t${system}\tactive\nSYSTEMSTATUS\treachability\tpassed\nINSTANCESTATUS\treachability\tpassed\n`;

    it('with each check', () => {
      const all = linesOf('i-1', 'ok') + linesOf('i-2', 'impaired');
      expect(linesFor(describeInstanceStatus, '', answer)).toBe(all);
    });

    it('only of what fails a check', () => {
      expect(linesFor(describeInstanceStatus, '-I', answer)).toBe(linesOf('i-2', 'impaired'));
    });
  });
});

import { describe, expect, it } from 'vitest';
import { linesFor, requestFor } from '../testing/typed.js';
import type { Verb } from '../verb.js';
import { createGroup } from './create-group.js';
import { deleteGroup } from './delete-group.js';
import { describeGroup } from './describe-group.js';

describe('what the group verbs ask for', () => {
  it.each<[string, Verb, string, Record<string, string>]>([
    [
      'create',
      createGroup,
      "web -d 'Web servers' -c vpc-1a2b3c4d",
      {
        Action: 'CreateSecurityGroup',
        GroupName: 'web',
        GroupDescription: 'Web servers',
        VpcId: 'vpc-1a2b3c4d',
      },
    ],
    ['delete', deleteGroup, 'web', { Action: 'DeleteSecurityGroup', GroupName: 'web' }],
    ['delete', deleteGroup, 'sg-1a2b3c4d', { Action: 'DeleteSecurityGroup', GroupId: 'sg-1a2b3c4d' }],
    ['describe', describeGroup, '', { Action: 'DescribeSecurityGroups' }],
    [
      'describe',
      describeGroup,
      'web sg-1a2b3c4d db',
      {
        Action: 'DescribeSecurityGroups',
        'GroupId.1': 'sg-1a2b3c4d',
        'GroupName.1': 'web',
        'GroupName.2': 'db',
      },
    ],
    [
      'describe',
      describeGroup,
      '-F group-name=web* -F tag:a=b=c --filter group-name=db',
      {
        Action: 'DescribeSecurityGroups',
        'Filter.1.Name': 'group-name',
        'Filter.1.Value.1': 'web*',
        'Filter.1.Value.2': 'db',
        'Filter.2.Name': 'tag:a',
        'Filter.2.Value.1': 'b=c',
      },
    ],
  ])('%s %#', (_verb, verb, typed, parameters) => {
    expect(requestFor(verb, typed)).toEqual(parameters);
  });

  it.each<[Verb, string, string]>([
    [createGroup, 'web', '--description is missing'],
    [createGroup, 'web -d a -d b', '--description is given 2 times'],
    [describeGroup, '-F web', "--filter 'web' has no value: write NAME=VALUE"],
  ])('%#: refuses', (verb, typed, complaint) => {
    expect(() => requestFor(verb, typed)).toThrow(complaint);
  });
});

const described = `
  <securityGroupInfo><item>
    <ownerId>111122223333</ownerId><groupName>default</groupName><groupId>sg-33d1045a</groupId>
    <groupDescription>default &amp; only group</groupDescription><vpcId>vpc-1a2b3c4d</vpcId>
    <ipPermissions>
      <item><ipProtocol>-1</ipProtocol><groups><item>
        <userId>111122223333</userId><groupId>sg-33d1045a</groupId><groupName>default</groupName>
      </item></groups><ipRanges/><ipv6Ranges/></item>
      <item><ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><groups/>
        <ipRanges><item><cidrIp>192.0.2.0/24</cidrIp></item><item><cidrIp>198.51.100.0/24</cidrIp></item></ipRanges>
        <ipv6Ranges><item><cidrIpv6>2001:db8::/32</cidrIpv6></item></ipv6Ranges></item>
    </ipPermissions>
    <ipPermissionsEgress><item>
      <ipProtocol>-1</ipProtocol><groups/><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>
    </item></ipPermissionsEgress>
    <tagSet><item><key>team</key><value>edge</value></item></tagSet>
  </item></securityGroupInfo>`;

const groupLines = [
  'GROUP\tsg-33d1045a\t111122223333\tdefault\tdefault & only group\t',
  'PERMISSION\t111122223333\tdefault\tALLOWS\tall\t\t\tFROM\tUSER\t111122223333\tNAME default\tID sg-33d1045a\tingress',
  'PERMISSION\t111122223333\tdefault\tALLOWS\ttcp\t22\t22\tFROM\tCIDR\t192.0.2.0/24\tingress',
  'PERMISSION\t111122223333\tdefault\tALLOWS\ttcp\t22\t22\tFROM\tCIDR\t198.51.100.0/24\tingress',
  'PERMISSION\t111122223333\tdefault\tALLOWS\ttcp\t22\t22\tFROM\tCIDR\t2001:db8::/32\tingress',
  'PERMISSION\t111122223333\tdefault\tALLOWS\tall\t\t\tTO\tCIDR\t0.0.0.0/0\tegress',
];

describe('what the group verbs print', () => {
  it('describe: the group, each permission by peer, the tags', () => {
    const lines = [...groupLines, 'TAG\tsecurity-group\tsg-33d1045a\tteam\tedge', ''];
    expect(linesFor(describeGroup, '', described)).toBe(lines.join('\n'));
  });

  it('describe --hide-tags: the same without tags', () => {
    expect(linesFor(describeGroup, '--hide-tags', described)).toBe([...groupLines, ''].join('\n'));
  });

  it('describe: nothing of nothing', () => {
    expect(linesFor(describeGroup, '', '<securityGroupInfo/>')).toBe('');
  });

  it('create: the id before the name', () => {
    expect(linesFor(createGroup, "web -d 'Web servers'", '<groupId>sg-f41b1ea6</groupId>')).toBe(
      'GROUP\tsg-f41b1ea6\tweb\tWeb servers\n',
    );
  });

  it('delete: that it is done', () => {
    expect(linesFor(deleteGroup, 'web', '<return>true</return>')).toBe('RETURN\ttrue\n');
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Ec2Api, NEIGHBOUR, OWNER, permission, type Answer, type Parameters } from '../support/ec2-api.js';

// Rules in the Query protocol: authorized, shown and revoked, in every form that clients send.

let ec2: Ec2Api;
let group: string;
let count = 0;
beforeAll(async () => {
  ec2 = await Ec2Api.start({ RAMPART_LIMIT_RULES: '4' });
});
afterAll(async () => ec2[Symbol.asyncDispose]());
beforeEach(async () => {
  group = await ec2.createGroup(`group-${++count}`);
});

const authorize = (fields: Parameters): Promise<Answer> =>
  ec2.call('AuthorizeSecurityGroupIngress', { GroupId: group, ...fields });
const authorizeOne = async (fields: Parameters): Promise<string> =>
  (await authorize(permission(fields))).column('securityGroupRuleSet', 'securityGroupRuleId')[0] ?? '';
const rules = async (): Promise<readonly Answer[]> =>
  (
    await ec2.call('DescribeSecurityGroupRules', { 'Filter.1.Name': 'group-id', 'Filter.1.Value.1': group })
  ).items('securityGroupRuleSet');
const ingressRules = async (): Promise<readonly Answer[]> =>
  (await rules()).filter((rule) => rule.text('isEgress') === 'false');

const web = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, 'IpRanges.1.CidrIp': '192.0.2.0/24' };
const WEB = 'peer: 192.0.2.0/24, TCP, from port: 80, to port: 80, ALLOW';

describe('AuthorizeSecurityGroupIngress', () => {
  it.each<[string, Parameters, object]>([
    [
      'a block of addresses',
      web,
      { cidrIpv4: '192.0.2.0/24', ipProtocol: 'tcp', fromPort: '80', toPort: '80' },
    ],
    [
      'a block with host bits',
      { ...web, 'IpRanges.1.CidrIp': '100.68.0.18/18' },
      { cidrIpv4: '100.68.0.0/18' },
    ],
    [
      'an IPv6 block',
      { IpProtocol: 'UDP', FromPort: 1, ToPort: 2, 'Ipv6Ranges.1.CidrIpv6': '2001:DB8::1/32' },
      { cidrIpv6: '2001:db8::/32', ipProtocol: 'udp' },
    ],
    [
      'all traffic, whatever the ports',
      { IpProtocol: '-1', FromPort: 22, ToPort: 99999, 'IpRanges.1.CidrIp': '0.0.0.0/0' },
      { ipProtocol: '-1', fromPort: '-1', toPort: '-1' },
    ],
    [
      'a protocol by its number',
      { IpProtocol: '6', FromPort: 1, ToPort: 2, 'IpRanges.1.CidrIp': '0.0.0.0/0' },
      { ipProtocol: 'tcp', fromPort: '1', toPort: '2' },
    ],
    [
      'ESP, which has no ports',
      { IpProtocol: '50', FromPort: 1, ToPort: 2, 'IpRanges.1.CidrIp': '0.0.0.0/0' },
      { ipProtocol: '50', fromPort: '-1', toPort: '-1' },
    ],
    [
      'ICMP of any type',
      { IpProtocol: 'icmp', FromPort: -1, ToPort: -1, 'IpRanges.1.CidrIp': '0.0.0.0/0' },
      { ipProtocol: 'icmp', fromPort: '-1', toPort: '-1' },
    ],
    [
      'a type of ICMP',
      { IpProtocol: 'ICMP', FromPort: 8, ToPort: -1, 'IpRanges.1.CidrIp': '0.0.0.0/0' },
      { ipProtocol: 'icmp', fromPort: '8', toPort: '-1' },
    ],
    [
      'ICMPv6 without ports',
      { IpProtocol: 'icmpv6', 'Ipv6Ranges.1.CidrIpv6': '::/0' },
      { ipProtocol: 'icmpv6', fromPort: '-1', toPort: '-1' },
    ],
    [
      'ICMPv6 by its number',
      { IpProtocol: '58', FromPort: 135, ToPort: 0, 'Ipv6Ranges.1.CidrIpv6': '::/0' },
      { ipProtocol: 'icmpv6', fromPort: '135', toPort: '0' },
    ],
    ['a description', { ...web, 'IpRanges.1.Description': 'the office' }, { description: 'the office' }],
    ['an empty description', { ...web, 'IpRanges.1.Description': '' }, { cidrIpv4: '192.0.2.0/24' }],
  ])('takes %s', async (_what, fields, expected) => {
    const [rule, ...others] = (await authorize(permission(fields))).items('securityGroupRuleSet');
    expect(others).toEqual([]);
    expect(rule?.content).toMatchObject({
      groupId: group,
      groupOwnerId: OWNER,
      isEgress: 'false',
      ...expected,
    });
    expect((await ingressRules()).map(({ content }) => content)).toEqual([rule?.content]);
  });

  it('makes one rule of each peer, with the tags of the request', async () => {
    const peers = {
      'IpRanges.1.CidrIp': '10.0.0.0/8',
      'Groups.1.GroupName': 'default',
      'Groups.1.Description': 'own',
    };
    const tags = {
      'TagSpecification.1.ResourceType': 'security-group-rule',
      'TagSpecification.1.Tag.1.Key': 'k',
      'TagSpecification.1.Tag.1.Value': 'v',
    };
    const answer = await authorize({
      ...permission({ IpProtocol: 'tcp', FromPort: 1, ToPort: 1, ...peers }),
      ...tags,
    });
    expect(answer.items('securityGroupRuleSet').map(({ content }) => content)).toMatchObject([
      { cidrIpv4: '10.0.0.0/8', tagSet: [{ key: 'k', value: 'v' }] },
      {
        referencedGroupInfo: { groupId: expect.stringMatching(/^sg-/), userId: OWNER },
        description: 'own',
        tagSet: [{ key: 'k', value: 'v' }],
      },
    ]);
    expect((await ingressRules()).map(({ content }) => content)).toEqual(
      answer.items('securityGroupRuleSet').map(({ content }) => content),
    );
  });

  it("says whose a group is, and of another account's in which VPC", async () => {
    const theirs = await ec2.createGroup(`theirs-${count}`, NEIGHBOUR);
    await authorizeOne({ IpProtocol: '-1', 'Groups.1.UserId': NEIGHBOUR, 'Groups.1.GroupId': theirs });
    expect((await ingressRules())[0]?.at('referencedGroupInfo').content).toEqual({
      groupId: theirs,
      userId: NEIGHBOUR,
      vpcId: expect.stringMatching(/^vpc-/),
    });
  });

  it('takes the flat form of old clients, a source group alone as all ICMP, UDP and TCP', async () => {
    await authorize({ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, CidrIp: '192.0.2.1/32' });
    await authorize({ SourceSecurityGroupName: 'default', SourceSecurityGroupOwnerId: OWNER });
    const shown = (await ingressRules()).map((rule) =>
      ['ipProtocol', 'fromPort', 'toPort'].map((name) => rule.text(name)).join(' '),
    );
    expect(shown).toEqual(['tcp 22 22', 'icmp -1 -1', 'udp 0 65535', 'tcp 0 65535']);
  });

  it.each<[string, Parameters, string]>([
    ['nothing', {}, 'MissingParameter: The request must contain the parameter ipPermissions'],
    ['both forms', { ...permission(web), CidrIp: '0.0.0.0/0' }, 'InvalidParameterCombination: '],
    [
      'a permission without a peer',
      permission({ IpProtocol: 'tcp', FromPort: 1, ToPort: 1 }),
      'InvalidParameterValue: ',
    ],
    [
      'a peer that is empty',
      permission({ IpProtocol: '-1', 'Groups.1.UserId': OWNER }),
      'MissingParameter: Source group ID missing.',
    ],
    [
      'an address without a mask',
      permission({ ...web, 'IpRanges.1.CidrIp': '58.29.99.44' }),
      'InvalidParameterValue: CIDR block 58.29.99.44 is malformed',
    ],
    [
      'an IPv6 block among IPv4 ones',
      permission({ ...web, 'IpRanges.1.CidrIp': '::/0' }),
      'InvalidParameterValue: CIDR block ::/0 is malformed',
    ],
    [
      'one port',
      permission({ IpProtocol: 'tcp', FromPort: 1, 'IpRanges.1.CidrIp': '0.0.0.0/0' }),
      'InvalidParameterValue: Invalid value for portRange. Must specify both from and to ports with TCP/UDP.',
    ],
    [
      'no protocol',
      permission({ 'IpRanges.1.CidrIp': '0.0.0.0/0' }),
      "InvalidParameterValue: Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
    ],
    [
      'a group that is not there',
      permission({ IpProtocol: '-1', 'Groups.1.GroupId': 'sg-12345678' }),
      "InvalidGroup.NotFound: The security group 'sg-12345678' does not exist",
    ],
    [
      'an account that is none',
      permission({ IpProtocol: '-1', 'Groups.1.GroupName': 'x', 'Groups.1.UserId': '1' }),
      'InvalidParameterValue: Value (1) for parameter UserId is invalid',
    ],
    [
      'a prefix list that is not there',
      permission({ IpProtocol: '-1', 'PrefixListIds.1.PrefixListId': 'pl-12345678' }),
      "InvalidPrefixListID.NotFound: The prefix list ID 'pl-12345678' does not exist",
    ],
    [
      'a description that is too long',
      permission({ ...web, 'IpRanges.1.Description': 'x'.repeat(256) }),
      'InvalidParameterValue: Invalid rule description. Valid descriptions are strings less than 256 characters',
    ],
    [
      'the same twice',
      { ...permission(web), ...permission({ ...web, 'IpRanges.1.CidrIp': '192.0.2.9/24' }, 2) },
      `InvalidParameterValue: The same permission must not appear multiple times: "${WEB}"`,
    ],
    [
      'tags for groups',
      { ...permission(web), 'TagSpecification.1.ResourceType': 'security-group' },
      "InvalidParameterValue: 'security-group' is not a valid taggable resource type for this operation",
    ],
  ])('refuses %s', async (_what, fields, refusal) => {
    const refused = await ec2.refusal('AuthorizeSecurityGroupIngress', { GroupId: group, ...fields });
    expect(refused).toContain(refusal);
    expect(await ingressRules()).toEqual([]);
  });

  it('names the rule that is there already, and adds none of the others', async () => {
    const ruleId = await authorizeOne(web);
    const again = {
      ...permission({ ...web, FromPort: 81, ToPort: 81 }),
      ...permission({ ...web, 'IpRanges.1.CidrIp': '192.0.2.9/24' }, 2),
    };
    expect(await ec2.refusal('AuthorizeSecurityGroupIngress', { GroupId: group, ...again })).toBe(
      `InvalidPermission.Duplicate: the specified rule "${WEB}" already exists; it is ${ruleId}`,
    );
    expect(await ingressRules()).toHaveLength(1);
  });

  it('refuses more than there may be, counting families apart and a prefix list by its size', async () => {
    const list = await ec2.call('CreateManagedPrefixList', {
      PrefixListName: 'l',
      AddressFamily: 'IPv4',
      MaxEntries: 3,
    });
    const prefixListId = list.at('prefixList').text('prefixListId');
    await authorizeOne({
      IpProtocol: 'udp',
      FromPort: 1,
      ToPort: 1,
      'PrefixListIds.1.PrefixListId': prefixListId,
    });
    await authorizeOne(web);
    const more = permission({ ...web, FromPort: 81, ToPort: 81 });
    expect(await ec2.refusal('AuthorizeSecurityGroupIngress', { GroupId: group, ...more })).toContain(
      'RulesPerSecurityGroupLimitExceeded: The maximum number of rules per security group has been reached',
    );
    await authorizeOne({ IpProtocol: 'tcp', FromPort: 81, ToPort: 81, 'Ipv6Ranges.1.CidrIpv6': '::/0' });
  });
});

describe('AuthorizeSecurityGroupEgress', () => {
  it('takes both forms', async () => {
    await ec2.call('AuthorizeSecurityGroupEgress', { GroupId: group, ...permission(web) });
    await ec2.call('AuthorizeSecurityGroupEgress', {
      GroupId: group,
      IpProtocol: 'tcp',
      FromPort: 81,
      ToPort: 81,
      CidrIp: '192.0.2.0/24',
    });
    expect((await rules()).map((rule) => `${rule.text('isEgress')} ${rule.text('fromPort')}`)).toEqual([
      'true -1',
      'true -1',
      'true 80',
      'true 81',
    ]);
  });
});

describe('RevokeSecurityGroupIngress and Egress', () => {
  const revoke = (fields: Parameters, direction = 'Ingress'): Promise<Answer> =>
    ec2.call(`RevokeSecurityGroup${direction}`, { GroupId: group, ...fields });

  it('take what Terraform sends right after it made a group', async () => {
    const all = { IpProtocol: '-1', FromPort: 0, ToPort: 0 };
    for (const peer of [{ 'IpRanges.1.CidrIp': '0.0.0.0/0' }, { 'Ipv6Ranges.1.CidrIpv6': '::/0' }] as const) {
      const answer = await revoke(permission({ ...all, ...peer }), 'Egress');
      expect(answer.items('unknownIpPermissionSet')).toEqual([]);
      expect(answer.items('revokedSecurityGroupRuleSet')).toHaveLength(1);
    }
    expect(await rules()).toEqual([]);
  });

  it('answer with the rules as they were, in the shape of the revoked', async () => {
    const ruleId = await authorizeOne({ ...web, 'IpRanges.1.Description': 'office' });
    const answer = await revoke(
      permission({ ...web, IpProtocol: 'TCP', 'IpRanges.1.CidrIp': '192.0.2.77/24' }),
    );
    expect(answer.items('revokedSecurityGroupRuleSet')[0]?.content).toEqual({
      securityGroupRuleId: ruleId,
      groupId: group,
      isEgress: 'false',
      ipProtocol: 'tcp',
      fromPort: '80',
      toPort: '80',
      cidrIpv4: '192.0.2.0/24',
      description: 'office',
    });
  });

  it('take rule ids', async () => {
    const ruleId = await authorizeOne(web);
    const answer = await revoke({ 'SecurityGroupRuleId.1': ruleId });
    expect(answer.column('revokedSecurityGroupRuleSet', 'securityGroupRuleId')).toEqual([ruleId]);
    expect(
      await ec2.refusal('RevokeSecurityGroupIngress', { GroupId: group, 'SecurityGroupRuleId.1': ruleId }),
    ).toBe(`InvalidSecurityGroupRuleId.NotFound: The security group rule ID '${ruleId}' does not exist`);
    expect(
      await ec2.refusal('RevokeSecurityGroupIngress', { GroupId: group, 'SecurityGroupRuleId.1': 'sgr-x' }),
    ).toContain('InvalidSecurityGroupRuleId.Malformed: ');
  });

  it('pass over what no rule has, and say it', async () => {
    const list = await ec2.call('CreateManagedPrefixList', {
      PrefixListName: 'six',
      AddressFamily: 'IPv6',
      MaxEntries: 1,
    });
    const prefixListId = list.at('prefixList').text('prefixListId');
    await authorizeOne({
      IpProtocol: 'tcp',
      FromPort: 1,
      ToPort: 1,
      'PrefixListIds.1.PrefixListId': prefixListId,
      'Groups.1.GroupName': 'DEFAULT',
    });
    const answer = await revoke({
      ...permission({
        IpProtocol: 'tcp',
        FromPort: 1,
        ToPort: 1,
        'PrefixListIds.1.PrefixListId': prefixListId,
        'Groups.1.GroupName': 'default',
        'IpRanges.1.CidrIp': '10.0.0.0/8',
      }),
      ...permission({ IpProtocol: 'tcp', FromPort: 2, ToPort: 2, 'Groups.1.GroupName': 'default' }, 2),
    });
    expect(answer.items('revokedSecurityGroupRuleSet')).toHaveLength(2);
    expect(answer.items('unknownIpPermissionSet').map(({ content }) => content)).toMatchObject([
      { ipProtocol: 'tcp', fromPort: '1', ipRanges: [{ cidrIp: '10.0.0.0/8' }] },
      { ipProtocol: 'tcp', fromPort: '2', groups: [{ userId: OWNER, groupName: 'default' }] },
    ]);
  });

  it('refuse what names nothing', async () => {
    expect(await ec2.refusal('RevokeSecurityGroupIngress', { GroupId: group })).toContain(
      'MissingParameter: ',
    );
    const unknown = permission({ IpProtocol: '-1', 'Groups.1.GroupId': 'sg-12345678' });
    expect(await ec2.refusal('RevokeSecurityGroupIngress', { GroupId: group, ...unknown })).toContain(
      'InvalidGroup.NotFound: ',
    );
  });
});

describe('DescribeSecurityGroupRules', () => {
  it('finds rules by id, by group, by tag, and page by page', async () => {
    const ids = [await authorizeOne(web), await authorizeOne({ ...web, FromPort: 81, ToPort: 81 })];
    await ec2.call('CreateTags', {
      'ResourceId.1': ids[1] ?? '',
      'Tag.1.Key': 'find',
      'Tag.1.Value': `me-${count}`,
    });
    const found = async (fields: Parameters): Promise<readonly string[]> =>
      (await ec2.call('DescribeSecurityGroupRules', fields)).column(
        'securityGroupRuleSet',
        'securityGroupRuleId',
      );
    expect(
      await found({ 'SecurityGroupRuleId.1': ids[1] ?? '', 'SecurityGroupRuleId.2': ids[0] ?? '' }),
    ).toEqual(ids);
    expect(
      await found({ 'Filter.1.Name': 'security-group-rule-id', 'Filter.1.Value.1': ids[0] ?? '' }),
    ).toEqual([ids[0]]);
    expect(await found({ 'Filter.1.Name': 'tag:find', 'Filter.1.Value.1': `me-${count}` })).toEqual([ids[1]]);
    expect(
      await found({
        'Filter.1.Name': 'tag-key',
        'Filter.1.Value.1': 'fi*',
        'Filter.2.Name': 'group-id',
        'Filter.2.Value.1': group,
      }),
    ).toEqual([ids[1]]);
    expect(await found({ 'Filter.1.Name': 'group-id', 'Filter.1.Value.1': 'sg-12345678' })).toEqual([]);
    const all = await found({});
    const first = await ec2.call('DescribeSecurityGroupRules', { MaxResults: 5 });
    const rest = await found({ NextToken: first.text('nextToken') });
    expect([...first.column('securityGroupRuleSet', 'securityGroupRuleId'), ...rest]).toEqual(all);
  });

  it("refuses ids of nothing, and of another account's rules", async () => {
    const theirs = await ec2.call('DescribeSecurityGroupRules', {}, NEIGHBOUR);
    for (const ruleId of [
      'sgr-12345678',
      ...theirs.column('securityGroupRuleSet', 'securityGroupRuleId').slice(0, 1),
    ])
      expect(await ec2.refusal('DescribeSecurityGroupRules', { 'SecurityGroupRuleId.1': ruleId })).toBe(
        `InvalidSecurityGroupRuleId.NotFound: The security group rule ID '${ruleId}' does not exist`,
      );
    expect(
      await ec2.refusal('DescribeSecurityGroupRules', {
        'Filter.1.Name': 'group-id',
        'Filter.1.Value.1': 'x',
      }),
    ).toContain('InvalidGroupId.Malformed: ');
  });
});

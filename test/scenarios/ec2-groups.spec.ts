import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ec2Api, NEIGHBOUR, OWNER, permission, type Parameters } from '../support/ec2-api.js';

// Security groups in the Query protocol: what clients send, and what they read out of the answers.

let ec2: Ec2Api;
let vpcId: string;
beforeAll(async () => {
  ec2 = await Ec2Api.start({ RAMPART_LIMIT_GROUPS: '20' });
  vpcId = (await ec2.call('DescribeSecurityGroups')).items('securityGroupInfo')[0]?.text('vpcId') ?? '';
});
afterAll(async () => ec2[Symbol.asyncDispose]());

const ingress = (groupId: string, fields: Parameters): Promise<unknown> =>
  ec2.call('AuthorizeSecurityGroupIngress', { GroupId: groupId, ...permission(fields) });

describe('CreateSecurityGroup', () => {
  it('answers with the id, the tags and the ARN, in the VPC of the account', async () => {
    const answer = await ec2.call('CreateSecurityGroup', {
      GroupName: 'tagged',
      GroupDescription: 'has tags',
      VpcId: vpcId,
      'TagSpecification.1.ResourceType': 'security-group',
      'TagSpecification.1.Tag.1.Key': 'Name',
      'TagSpecification.1.Tag.1.Value': 'a & b',
    });
    const groupId = answer.text('groupId');
    expect(answer.content).toMatchObject({
      tagSet: [{ key: 'Name', value: 'a & b' }],
      securityGroupArn: `arn:aws:ec2:us-east-1:${OWNER}:security-group/${groupId}`,
    });
    const shown = await ec2.call('DescribeSecurityGroups', { 'GroupId.1': groupId });
    expect(shown.items('securityGroupInfo')[0]?.content).toEqual({
      ownerId: OWNER,
      groupName: 'tagged',
      groupId,
      groupDescription: 'has tags',
      vpcId,
      ipPermissions: '',
      ipPermissionsEgress: [
        {
          ipProtocol: '-1',
          groups: '',
          ipRanges: [{ cidrIp: '0.0.0.0/0' }],
          ipv6Ranges: [{ cidrIpv6: '::/0' }],
          prefixListIds: '',
        },
      ],
      tagSet: [{ key: 'Name', value: 'a & b' }],
      securityGroupArn: `arn:aws:ec2:us-east-1:${OWNER}:security-group/${groupId}`,
    });
  });

  it.each<[string, Parameters, string]>([
    [
      'no name',
      { GroupDescription: 'x' },
      'MissingParameter: The request must contain the parameter GroupName',
    ],
    [
      'no description',
      { GroupName: 'x' },
      'MissingParameter: The request must contain the parameter GroupDescription',
    ],
    [
      'a name that is taken',
      { GroupName: 'TAGGED ', GroupDescription: 'x' },
      "InvalidGroup.Duplicate: The security group 'TAGGED' already exists for VPC 'vpc-",
    ],
    [
      'the name default',
      { GroupName: 'default', GroupDescription: 'x' },
      'InvalidParameterValue: Cannot use reserved security group name: default',
    ],
    [
      'a name like an id',
      { GroupName: 'sg-1', GroupDescription: 'x' },
      'InvalidParameterValue: Value (sg-1) for parameter GroupName is invalid. Group names may not be in the format sg-*',
    ],
    [
      'another VPC',
      { GroupName: 'x', GroupDescription: 'x', VpcId: 'vpc-12345678' },
      "InvalidVpcID.NotFound: The vpc ID 'vpc-12345678' does not exist",
    ],
    [
      'tags for something else',
      { GroupName: 'x', GroupDescription: 'x', 'TagSpecification.1.ResourceType': 'instance' },
      "InvalidParameterValue: 'instance' is not a valid taggable resource type for this operation",
    ],
  ])('refuses %s', async (_what, parameters, refusal) => {
    expect(await ec2.refusal('CreateSecurityGroup', parameters)).toContain(refusal);
  });

  it('refuses one more than there may be', async () => {
    await using small = await Ec2Api.start({ RAMPART_LIMIT_GROUPS: '2' });
    await small.createGroup('second');
    const third = { GroupName: 'third', GroupDescription: 'x' };
    expect(await small.refusal('CreateSecurityGroup', third)).toMatch(/^SecurityGroupLimitExceeded: /);
  });
});

describe('DescribeSecurityGroups', () => {
  let groups: Readonly<Record<'web' | 'db' | 'ops', string>>;
  beforeAll(async () => {
    groups = {
      web: await ec2.createGroup('f-web'),
      db: await ec2.createGroup('f-db'),
      ops: await ec2.createGroup('f-ops'),
    };
    await ec2.call('CreateTags', { 'ResourceId.1': groups.ops, 'Tag.1.Key': 'Team', 'Tag.1.Value': '' });
    await ec2.call('CreateTags', { 'ResourceId.1': groups.db, 'Tag.1.Key': 'Tier', 'Tag.1.Value': 'back' });
    const list = await ec2.call('CreateManagedPrefixList', {
      PrefixListName: 'f',
      AddressFamily: 'IPv4',
      MaxEntries: 1,
    });
    const prefixListId = list.at('prefixList').text('prefixListId');
    const ports = { IpProtocol: 'tcp', FromPort: 20, ToPort: 30 };
    await ingress(groups.web, {
      ...ports,
      'IpRanges.1.CidrIp': '192.0.2.0/24',
      'Ipv6Ranges.1.CidrIpv6': '2001:db8::/32',
    });
    await ingress(groups.db, { IpProtocol: 'udp', FromPort: 53, ToPort: 53, 'Groups.1.GroupName': 'f-web' });
    await ingress(groups.ops, { IpProtocol: '50', 'PrefixListIds.1.PrefixListId': prefixListId });
    await ec2.call('AuthorizeSecurityGroupEgress', {
      GroupId: groups.ops,
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
      CidrIp: '198.51.100.0/24',
    });
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['group-name', ['f-*'], ['f-web', 'f-db', 'f-ops']],
    ['group-name', ['f-d?', 'f-web'], ['f-web', 'f-db']],
    ['description', ['of f-db'], ['f-db']],
    ['owner-id', [NEIGHBOUR], []],
    ['ip-permission.cidr', ['192.0.2.0/24'], ['f-web']],
    ['ip-permission.ipv6-cidr', ['2001:db8:*'], ['f-web']],
    ['ip-permission.from-port', ['20'], ['f-web']],
    ['ip-permission.from-port', ['22'], []],
    ['ip-permission.to-port', ['30', '53'], ['f-web', 'f-db']],
    ['ip-permission.protocol', ['50'], ['f-ops']],
    ['ip-permission.group-name', ['f-web'], ['f-db']],
    ['ip-permission.group-name', ['f-*'], ['f-db']],
    ['ip-permission.user-id', [OWNER], ['default', 'f-db']],
    ['ip-permission.prefix-list-id', ['pl-*'], ['f-ops']],
    ['egress.ip-permission.cidr', ['198.51.100.0/24'], ['f-ops']],
    ['egress.ip-permission.protocol', ['tcp'], ['f-ops']],
    ['egress.ip-permission.group-name', ['f-web'], []],
    ['tag:Tier', ['back'], ['f-db']],
    ['tag:Team', [''], ['f-ops']],
    ['tag-key', ['Te?m', 'Ti*'], ['f-db', 'f-ops']],
  ])('filters by %s=%j', async (name, values, expected) => {
    const filter = Object.fromEntries(values.map((value, index) => [`Filter.1.Value.${index + 1}`, value]));
    const answer = await ec2.call('DescribeSecurityGroups', { 'Filter.1.Name': name, ...filter });
    expect(answer.column('securityGroupInfo', 'groupName')).toEqual(expected);
  });

  it('filters by ids, by the VPC, and by several rules at once', async () => {
    const names = async (parameters: Parameters): Promise<readonly string[]> =>
      (await ec2.call('DescribeSecurityGroups', parameters)).column('securityGroupInfo', 'groupName');
    expect(await names({ 'Filter.1.Name': 'group-id', 'Filter.1.Value.1': groups.db })).toEqual(['f-db']);
    expect(
      await names({ 'Filter.1.Name': 'ip-permission.group-id', 'Filter.1.Value.1': groups.web }),
    ).toEqual(['f-db']);
    expect(
      await names({ 'Filter.1.Name': 'vpc-id', 'Filter.1.Value.1': vpcId, 'GroupName.1': 'f-ops' }),
    ).toEqual(['f-ops']);
    const both = {
      'Filter.1.Name': 'ip-permission.cidr',
      'Filter.1.Value.1': '192.0.2.0/24',
      'Filter.2.Name': 'ip-permission.ipv6-cidr',
      'Filter.2.Value.1': '*',
    };
    expect(await names(both)).toEqual(['f-web']);
  });

  it('goes page by page', async () => {
    const all = (await ec2.call('DescribeSecurityGroups')).column('securityGroupInfo', 'groupId');
    const shown: string[] = [];
    let next: Parameters = {};
    do {
      const page = await ec2.call('DescribeSecurityGroups', { MaxResults: 5, ...next });
      shown.push(...page.column('securityGroupInfo', 'groupId'));
      next = JSON.stringify(page.content).includes('nextToken') ? { NextToken: page.text('nextToken') } : {};
    } while ('NextToken' in next);
    expect(shown).toEqual(all);
  });

  it.each<[string, Parameters, string]>([
    [
      'an id that is none',
      { 'GroupId.1': 'foobar' },
      "InvalidGroupId.Malformed: The security group ID 'foobar' is malformed",
    ],
    [
      'an id of nothing',
      { 'GroupId.1': 'sg-12345678' },
      "InvalidGroup.NotFound: The security group 'sg-12345678' does not exist",
    ],
    [
      'a name of nothing',
      { 'GroupName.1': 'none' },
      "InvalidGroup.NotFound: The security group 'none' does not exist in default VPC 'vpc-",
    ],
    [
      'a filter that is none',
      { 'Filter.1.Name': 'colour', 'Filter.1.Value.1': 'red' },
      "InvalidParameterValue: The filter 'colour' is invalid",
    ],
    [
      'pages that are too small',
      { MaxResults: 4 },
      'InvalidParameterValue: Value ( 4 ) for parameter maxResults is invalid.',
    ],
    ['a token of nobody', { NextToken: 'x' }, 'InvalidNextToken: '],
  ])('refuses %s', async (_what, parameters, refusal) => {
    expect(await ec2.refusal('DescribeSecurityGroups', parameters)).toContain(refusal);
  });
});

describe('DeleteSecurityGroup', () => {
  it('takes an id or a name, and is not repeated', async () => {
    const groupId = await ec2.createGroup('short-lived');
    expect((await ec2.call('DeleteSecurityGroup', { GroupId: groupId })).content).toMatchObject({
      return: 'true',
      groupId,
    });
    expect(await ec2.refusal('DeleteSecurityGroup', { GroupId: groupId })).toContain(
      'InvalidGroup.NotFound: ',
    );
    await ec2.createGroup('short-lived');
    await ec2.call('DeleteSecurityGroup', { GroupName: 'Short-Lived' });
  });

  it('names what depends', async () => {
    const [used, user] = [await ec2.createGroup('used'), await ec2.createGroup('user')];
    await ingress(user, { IpProtocol: '-1', 'Groups.1.GroupId': used });
    expect(await ec2.refusal('DeleteSecurityGroup', { GroupId: used })).toBe(
      `DependencyViolation: resource ${used} has a dependent object: a rule of ${user}`,
    );
    expect(await ec2.refusal('DeleteSecurityGroup', { GroupName: 'default' })).toMatch(
      /^CannotDelete: the specified group: "sg-\w+" name: "default" cannot be deleted by a user$/,
    );
  });
});

describe('GetSecurityGroupsForVpc', () => {
  it('lists the groups of the one VPC there is', async () => {
    const answer = await ec2.call('GetSecurityGroupsForVpc', {
      VpcId: vpcId,
      'Filter.1.Name': 'group-name',
      'Filter.1.Value.1': 'tagged',
    });
    expect(answer.items('securityGroupForVpcSet')[0]?.content).toMatchObject({
      ownerId: OWNER,
      groupName: 'tagged',
      description: 'has tags',
      primaryVpcId: vpcId,
      tagSet: [{ key: 'Name', value: 'a & b' }],
    });
    expect(await ec2.refusal('GetSecurityGroupsForVpc', { VpcId: 'vpc-12345678' })).toContain(
      'InvalidVpcID.NotFound: ',
    );
    expect(await ec2.refusal('GetSecurityGroupsForVpc')).toContain('MissingParameter: ');
  });
});

describe("another account's group in a rule", () => {
  it('is seen by both, each in its own way, and is stale when it is gone', async () => {
    const [theirs, ours] = [await ec2.createGroup('theirs', NEIGHBOUR), await ec2.createGroup('ours')];
    const named = {
      IpProtocol: 'tcp',
      FromPort: 1,
      ToPort: 2,
      'Groups.1.UserId': NEIGHBOUR,
      'Groups.1.GroupName': 'theirs',
    };
    await ingress(ours, named);
    const references = { 'GroupId.1': theirs };
    expect(
      (await ec2.call('DescribeSecurityGroupReferences', references, NEIGHBOUR))
        .items('securityGroupReferenceSet')
        .map(({ content }) => content),
    ).toEqual([{ groupId: theirs, referencingVpcId: vpcId }]);
    expect(await ec2.refusal('DescribeSecurityGroupReferences', references)).toContain(
      'InvalidGroup.NotFound: ',
    );
    const pair = async (): Promise<unknown> => {
      const group = (await ec2.call('DescribeSecurityGroups', { 'GroupId.1': ours })).items(
        'securityGroupInfo',
      )[0];
      return group?.items('ipPermissions')[0]?.items('groups')[0]?.content;
    };
    expect(await pair()).toEqual({
      userId: NEIGHBOUR,
      groupId: theirs,
      vpcId: expect.stringMatching(/^vpc-/),
    });
    expect(
      (await ec2.call('DescribeStaleSecurityGroups', { VpcId: vpcId })).items('staleSecurityGroupSet'),
    ).toEqual([]);

    await ec2.call('DeleteSecurityGroup', { GroupId: theirs }, NEIGHBOUR);
    expect(await pair()).toEqual({ userId: NEIGHBOUR, groupId: theirs });
    const stale = await ec2.call('DescribeStaleSecurityGroups', { VpcId: vpcId });
    expect(stale.items('staleSecurityGroupSet').map(({ content }) => content)).toMatchObject([
      {
        groupId: ours,
        groupName: 'ours',
        vpcId,
        staleIpPermissions: [
          { ipProtocol: 'tcp', fromPort: '1', toPort: '2', groups: [{ userId: NEIGHBOUR, groupId: theirs }] },
        ],
        staleIpPermissionsEgress: '',
      },
    ]);
    const gone = permission({
      IpProtocol: 'tcp',
      FromPort: 1,
      ToPort: 2,
      'Groups.1.UserId': NEIGHBOUR,
      'Groups.1.GroupId': theirs,
    });
    const revoked = await ec2.call('RevokeSecurityGroupIngress', { GroupId: ours, ...gone });
    expect(revoked.column('revokedSecurityGroupRuleSet', 'referencedGroupId')).toEqual([theirs]);
    expect(
      (await ec2.call('DescribeStaleSecurityGroups', { VpcId: vpcId })).items('staleSecurityGroupSet'),
    ).toEqual([]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Ec2Api, NEIGHBOUR, permission, type Answer, type Parameters } from '../support/ec2-api.js';

// Rules in the Query protocol: changed in place, and described anew.

let ec2: Ec2Api;
let group: string;
let count = 0;
beforeAll(async () => {
  ec2 = await Ec2Api.start();
});
afterAll(async () => ec2[Symbol.asyncDispose]());
beforeEach(async () => {
  group = await ec2.createGroup(`group-${++count}`);
});

const authorizeOne = async (fields: Parameters): Promise<string> => {
  const answer = await ec2.call('AuthorizeSecurityGroupIngress', { GroupId: group, ...permission(fields) });
  return answer.column('securityGroupRuleSet', 'securityGroupRuleId')[0] ?? '';
};
const rules = async (): Promise<readonly Answer[]> =>
  (
    await ec2.call('DescribeSecurityGroupRules', { 'Filter.1.Name': 'group-id', 'Filter.1.Value.1': group })
  ).items('securityGroupRuleSet');
const ingressRules = async (): Promise<readonly Answer[]> =>
  (await rules()).filter((rule) => rule.text('isEgress') === 'false');

const web = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, 'IpRanges.1.CidrIp': '192.0.2.0/24' };

describe('ModifySecurityGroupRules', () => {
  const change = (ruleId: string, fields: Parameters): Parameters => ({
    GroupId: group,
    'SecurityGroupRule.1.SecurityGroupRuleId': ruleId,
    ...Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [`SecurityGroupRule.1.SecurityGroupRule.${name}`, value]),
    ),
  });
  const ports = { IpProtocol: 'udp', FromPort: 5, ToPort: 6 };

  it('changes a rule, which keeps its id and its tags', async () => {
    const ruleId = await authorizeOne({ ...web, 'IpRanges.1.Description': 'old' });
    await ec2.call('CreateTags', { 'ResourceId.1': ruleId, 'Tag.1.Key': 'k', 'Tag.1.Value': 'v' });
    const answer = await ec2.call(
      'ModifySecurityGroupRules',
      change(ruleId, { ...ports, CidrIpv4: '10.1.1.1/8', Description: 'new' }),
    );
    expect(answer.text('return')).toBe('true');
    expect((await ingressRules()).map(({ content }) => content)).toMatchObject([
      {
        securityGroupRuleId: ruleId,
        ipProtocol: 'udp',
        fromPort: '5',
        toPort: '6',
        cidrIpv4: '10.0.0.0/8',
        description: 'new',
        tagSet: [{ key: 'k', value: 'v' }],
      },
    ]);
  });

  it("finds another account's group by its id alone", async () => {
    const theirs = await ec2.createGroup(`referenced-${count}`, NEIGHBOUR);
    const ruleId = await authorizeOne({ IpProtocol: '-1', 'Groups.1.GroupName': 'default' });
    await ec2.call('ModifySecurityGroupRules', change(ruleId, { ...ports, ReferencedGroupId: theirs }));
    expect((await ingressRules())[0]?.at('referencedGroupInfo').content).toMatchObject({
      groupId: theirs,
      userId: NEIGHBOUR,
    });
  });

  it.each<[string, Parameters, string]>([
    [
      'no source',
      ports,
      'MissingParameter: The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId',
    ],
    [
      'two sources',
      { ...ports, CidrIpv4: '10.0.0.0/8', CidrIpv6: '::/0' },
      'InvalidParameterCombination: Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified',
    ],
    ['another kind of source', { ...ports, CidrIpv6: '::/0' }, 'InvalidParameterValue: '],
    [
      'what another rule has',
      { IpProtocol: 'tcp', FromPort: 81, ToPort: 81, CidrIpv4: '192.0.2.0/24' },
      'InvalidPermission.Duplicate: the specified rule "peer: 192.0.2.0/24, TCP, from port: 81, to port: 81, ALLOW" already exists',
    ],
    [
      'a block that is malformed',
      { ...ports, CidrIpv4: '10.0.0.0' },
      'InvalidParameterValue: CIDR block 10.0.0.0 is malformed',
    ],
  ])('refuses %s', async (_what, fields, refusal) => {
    const ruleId = await authorizeOne(web);
    await authorizeOne({ ...web, FromPort: 81, ToPort: 81 });
    const before = (await rules()).map(({ content }) => content);
    expect(await ec2.refusal('ModifySecurityGroupRules', change(ruleId, fields))).toContain(refusal);
    expect((await rules()).map(({ content }) => content)).toEqual(before);
  });

  it('refuses rules that the group has not', async () => {
    const wish = { ...ports, CidrIpv4: '10.0.0.0/8' };
    expect(await ec2.refusal('ModifySecurityGroupRules', change('sgr-12345678', wish))).toContain(
      'InvalidSecurityGroupRuleId.NotFound: ',
    );
    expect(await ec2.refusal('ModifySecurityGroupRules', { GroupId: group })).toContain('MissingParameter: ');
  });
});

describe('UpdateSecurityGroupRuleDescriptionsIngress and Egress', () => {
  const descriptions = async (): Promise<readonly string[]> =>
    (await rules()).map(({ content }) => (content as { description?: string }).description ?? '');

  it('name rules by what they permit, or by id', async () => {
    const ruleId = await authorizeOne(web);
    const byPermission = permission({ ...web, 'IpRanges.1.Description': 'by permission' });
    await ec2.call('UpdateSecurityGroupRuleDescriptionsIngress', { GroupId: group, ...byPermission });
    expect(await descriptions()).toEqual(['', '', 'by permission']);
    const byId = {
      'SecurityGroupRuleDescription.1.SecurityGroupRuleId': ruleId,
      'SecurityGroupRuleDescription.1.Description': 'by id',
    };
    await ec2.call('UpdateSecurityGroupRuleDescriptionsIngress', { GroupId: group, ...byId });
    const out = permission({
      IpProtocol: '-1',
      'Ipv6Ranges.1.CidrIpv6': '::/0',
      'Ipv6Ranges.1.Description': 'out',
    });
    await ec2.call('UpdateSecurityGroupRuleDescriptionsEgress', { GroupName: `group-${count}`, ...out });
    expect(await descriptions()).toEqual(['', 'out', 'by id']);
    await ec2.call('UpdateSecurityGroupRuleDescriptionsIngress', { GroupId: group, ...permission(web) });
    expect(await descriptions()).toEqual(['', 'out', '']);
  });

  it('refuse what no rule has', async () => {
    const call = (fields: Parameters): Promise<string> =>
      ec2.refusal('UpdateSecurityGroupRuleDescriptionsEgress', { GroupId: group, ...fields });
    expect(await call(permission(web))).toContain(
      'InvalidPermission.NotFound: The specified rule does not exist in this security group.',
    );
    expect(await call({ 'SecurityGroupRuleDescription.1.SecurityGroupRuleId': 'sgr-12345678' })).toContain(
      'InvalidSecurityGroupRuleId.NotFound: ',
    );
    expect(await call({})).toContain('MissingParameter: ');
    expect(
      await call({
        ...permission(web),
        'SecurityGroupRuleDescription.1.SecurityGroupRuleId': 'sgr-12345678',
      }),
    ).toContain('InvalidParameterCombination: ');
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Ec2Api, NEIGHBOUR, type Parameters } from '../support/ec2-api.js';

let ec2: Ec2Api;
let group: string;
let count = 0;
beforeAll(async () => {
  ec2 = await Ec2Api.start({ RAMPART_LIMIT_TAGS: '3' });
});
afterAll(async () => ec2[Symbol.asyncDispose]());
beforeEach(async () => {
  group = await ec2.createGroup(`group-${++count}`);
});

const tags = (fields: Readonly<Record<string, string | undefined>>): Parameters =>
  Object.assign(
    {},
    ...Object.entries(fields).map(([key, value], index) => ({
      [`Tag.${index + 1}.Key`]: key,
      ...(value === undefined ? {} : { [`Tag.${index + 1}.Value`]: value }),
    })),
  ) as Parameters;
const filters = (fields: Readonly<Record<string, string>>): Parameters =>
  Object.assign(
    {},
    ...Object.entries(fields).map(([name, value], index) => ({
      [`Filter.${index + 1}.Name`]: name,
      [`Filter.${index + 1}.Value.1`]: value,
    })),
  ) as Parameters;
const tagsOf = async (fields: Readonly<Record<string, string>>): Promise<readonly string[]> =>
  (await ec2.call('DescribeTags', filters(fields)))
    .items('tagSet')
    .map((tag) => `${tag.text('resourceType')} ${tag.text('key')}=${tag.text('value')}`);

describe('CreateTags', () => {
  it('tags several resources of every kind at once, and shows them with the resources', async () => {
    const rule =
      (
        await ec2.call('AuthorizeSecurityGroupIngress', {
          GroupId: group,
          IpProtocol: '-1',
          CidrIp: '0.0.0.0/0',
        })
      ).column('securityGroupRuleSet', 'securityGroupRuleId')[0] ?? '';
    const list = (
      await ec2.call('CreateManagedPrefixList', { PrefixListName: 'l', AddressFamily: 'IPv4', MaxEntries: 1 })
    )
      .at('prefixList')
      .text('prefixListId');
    const resources = { 'ResourceId.1': group, 'ResourceId.2': rule, 'ResourceId.3': list };
    expect(
      (await ec2.call('CreateTags', { ...resources, ...tags({ All: 'of them', Empty: '' }) })).text('return'),
    ).toBe('true');
    expect(await tagsOf({ key: 'All' })).toEqual([
      'security-group All=of them',
      'security-group-rule All=of them',
      'prefix-list All=of them',
    ]);
    expect(await tagsOf({ 'resource-id': rule })).toEqual([
      'security-group-rule All=of them',
      'security-group-rule Empty=',
    ]);
    expect(await tagsOf({ 'resource-type': 'prefix-*', value: 'of*' })).toEqual(['prefix-list All=of them']);
    expect(await tagsOf({ 'tag:Empty': '', 'resource-id': list })).toEqual(['prefix-list Empty=']);
    const shown = await ec2.call('DescribeManagedPrefixLists', { 'PrefixListId.1': list });
    expect(shown.items('prefixListSet')[0]?.column('tagSet', 'key')).toEqual(['All', 'Empty']);
    const pages = await ec2.call('DescribeTags', { MaxResults: 5 });
    const rest = await ec2.call('DescribeTags', { NextToken: pages.text('nextToken') });
    expect([...pages.items('tagSet'), ...rest.items('tagSet')]).toEqual(
      (await ec2.call('DescribeTags')).items('tagSet'),
    );
    await ec2.call('DeleteTags', resources);
    expect(await tagsOf({})).toEqual([]);
  });

  it('overwrites the value of a key that is there', async () => {
    await ec2.call('CreateTags', { 'ResourceId.1': group, ...tags({ Name: 'one' }) });
    await ec2.call('CreateTags', { 'ResourceId.1': group, ...tags({ Name: 'two' }) });
    expect(await tagsOf({ 'resource-id': group })).toEqual(['security-group Name=two']);
  });

  it.each<[string, () => Parameters, string]>([
    [
      'no tags',
      () => ({ 'ResourceId.1': group }),
      'MissingParameter: The request must contain the parameter Tag',
    ],
    [
      'no resources',
      () => tags({ a: '' }),
      'MissingParameter: The request must contain the parameter ResourceId',
    ],
    [
      'an id that is none',
      () => ({ 'ResourceId.1': 'foobar', ...tags({ a: '' }) }),
      "InvalidID: The ID 'foobar' is not valid",
    ],
    [
      'an id of nothing',
      () => ({ 'ResourceId.1': group, 'ResourceId.2': 'sg-12345678', ...tags({ a: '' }) }),
      "InvalidGroup.NotFound: The security group 'sg-12345678' does not exist",
    ],
    [
      'reserved keys',
      () => ({ 'ResourceId.1': group, ...tags({ 'aws:x': '' }) }),
      "InvalidParameterValue: Tag keys starting with 'aws:' are reserved for internal use",
    ],
    [
      'more than there may be',
      () => ({ 'ResourceId.1': group, ...tags({ a: '', b: '', c: '', d: '' }) }),
      'TagLimitExceeded: The maximum number of tags for a resource has been reached',
    ],
  ])('refuses %s', async (_what, parameters, refusal) => {
    expect(await ec2.refusal('CreateTags', parameters())).toContain(refusal);
    expect(await tagsOf({ 'resource-id': group })).toEqual([]);
  });

  it("leaves other accounts' resources alone", async () => {
    const parameters = { 'ResourceId.1': group, ...tags({ a: 'b' }) };
    expect(await ec2.refusal('CreateTags', parameters, NEIGHBOUR)).toContain('InvalidGroup.NotFound: ');
    await ec2.call('CreateTags', parameters);
    expect(
      (await ec2.call('DescribeTags', filters({ 'resource-id': group }), NEIGHBOUR)).items('tagSet'),
    ).toEqual([]);
  });
});

describe('DeleteTags', () => {
  it.each<[string, Parameters, readonly string[]]>([
    ['by key, whatever the value', tags({ a: undefined }), ['b=', 'c=3']],
    ['by key and value', tags({ a: '1', c: 'other' }), ['b=', 'c=3']],
    ['by key and the empty value', tags({ a: '', b: '' }), ['a=1', 'c=3']],
    ['all, when none is named', {}, []],
    ['none, when there is no such key', tags({ z: undefined }), ['a=1', 'b=', 'c=3']],
  ])('deletes %s', async (_what, parameters, left) => {
    await ec2.call('CreateTags', { 'ResourceId.1': group, ...tags({ a: '1', b: '', c: '3' }) });
    await ec2.call('DeleteTags', { 'ResourceId.1': group, ...parameters });
    expect(await tagsOf({ 'resource-id': group })).toEqual(left.map((tag) => `security-group ${tag}`));
  });

  it('is what deleting the resource does too', async () => {
    await ec2.call('CreateTags', { 'ResourceId.1': group, ...tags({ a: '1' }) });
    await ec2.call('DeleteSecurityGroup', { GroupId: group });
    expect(await tagsOf({ 'resource-id': group })).toEqual([]);
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Ec2Api, NEIGHBOUR, OWNER, type Parameters } from '../support/ec2-api.js';

let ec2: Ec2Api;
let list: string;
let count = 0;
beforeAll(async () => {
  ec2 = await Ec2Api.start();
});
afterAll(async () => ec2[Symbol.asyncDispose]());

const wish = (name: string): Parameters => ({
  PrefixListName: name,
  AddressFamily: 'IPv4',
  MaxEntries: 3,
  'Entry.1.Cidr': '10.1.2.3/16',
  'Entry.1.Description': 'headquarters',
  'Entry.2.Cidr': '10.2.0.0/16',
});
const create = async (parameters: Parameters): Promise<string> =>
  (await ec2.call('CreateManagedPrefixList', parameters)).at('prefixList').text('prefixListId');
const cidrs = async (more: Parameters = {}): Promise<readonly string[]> =>
  (await ec2.call('GetManagedPrefixListEntries', { PrefixListId: list, ...more })).column('entrySet', 'cidr');
const stateOf = async (): Promise<unknown> => {
  const answer = await ec2.call('DescribeManagedPrefixLists', { 'PrefixListId.1': list });
  const shown = answer.items('prefixListSet')[0];
  return [
    shown?.text('prefixListName'),
    shown?.text('state'),
    shown?.text('version'),
    shown?.text('maxEntries'),
  ];
};
beforeEach(async () => {
  list = await create(wish(`offices-${++count}`));
});

describe('CreateManagedPrefixList', () => {
  it('makes a list of canonical blocks, complete at once', async () => {
    const shown = await ec2.call('DescribeManagedPrefixLists', { 'PrefixListId.1': list });
    expect(shown.items('prefixListSet').map(({ content }) => content)).toEqual([
      {
        prefixListId: list,
        addressFamily: 'IPv4',
        state: 'create-complete',
        prefixListArn: `arn:aws:ec2:us-east-1:${OWNER}:prefix-list/${list}`,
        prefixListName: `offices-${count}`,
        maxEntries: '3',
        version: '1',
        tagSet: '',
        ownerId: OWNER,
      },
    ]);
    const entries = await ec2.call('GetManagedPrefixListEntries', { PrefixListId: list });
    expect(entries.items('entrySet').map(({ content }) => content)).toEqual([
      { cidr: '10.1.0.0/16', description: 'headquarters' },
      { cidr: '10.2.0.0/16' },
    ]);
  });

  it('makes one list however often a request with its token comes', async () => {
    const once = { ...wish('once'), ClientToken: 'token-1' };
    const made = await create(once);
    expect(await create(once)).toBe(made);
    expect(await ec2.refusal('CreateManagedPrefixList', { ...once, MaxEntries: 4 })).toContain(
      'IdempotentParameterMismatch: ',
    );
    const named = await ec2.call('DescribeManagedPrefixLists', {
      'Filter.1.Name': 'prefix-list-name',
      'Filter.1.Value.1': 'once',
    });
    expect(named.column('prefixListSet', 'prefixListId')).toEqual([made]);
  });

  it.each<[string, Parameters, string]>([
    [
      'no name',
      { AddressFamily: 'IPv4', MaxEntries: 1 },
      'MissingParameter: The request must contain the parameter PrefixListName',
    ],
    [
      'no family',
      { PrefixListName: 'x', MaxEntries: 1 },
      'MissingParameter: The request must contain the parameter AddressFamily',
    ],
    [
      'no size',
      { PrefixListName: 'x', AddressFamily: 'IPv4' },
      'MissingParameter: The request must contain the parameter MaxEntries',
    ],
    [
      'a family that is none',
      { ...wish('x'), AddressFamily: 'IPX' },
      'InvalidParameterValue: Value (IPX) for parameter AddressFamily is invalid',
    ],
    [
      'a size that is none',
      { ...wish('x'), MaxEntries: 'many' },
      'InvalidParameterValue: Value (many) for parameter MaxEntries is invalid',
    ],
    [
      'a block of the other family',
      { ...wish('x'), AddressFamily: 'IPv6' },
      'InvalidParameterValue: Value (10.1.0.0/16) for parameter Cidr is invalid',
    ],
    [
      'a block that is malformed',
      { ...wish('x'), 'Entry.1.Cidr': '10.0.0.0' },
      'InvalidParameterValue: CIDR block 10.0.0.0 is malformed',
    ],
    [
      'more entries than it may have',
      { ...wish('x'), MaxEntries: 1 },
      "PrefixListMaxEntriesExceeded: You've reached the maximum number of entries for the prefix list",
    ],
  ])('refuses %s', async (_what, parameters, refusal) => {
    expect(await ec2.refusal('CreateManagedPrefixList', parameters)).toContain(refusal);
  });
});

describe('ModifyManagedPrefixList', () => {
  const modify = (fields: Parameters): Parameters => ({ PrefixListId: list, ...fields });

  it('adds and removes entries, which makes a new version', async () => {
    const answer = await ec2.call(
      'ModifyManagedPrefixList',
      modify({
        CurrentVersion: 1,
        'AddEntry.1.Cidr': '10.3.0.0/16',
        'AddEntry.1.Description': 'third',
        'RemoveEntry.1.Cidr': '10.1.0.0/16',
      }),
    );
    expect(answer.at('prefixList').content).toMatchObject({ version: '2', state: 'modify-complete' });
    expect(await cidrs()).toEqual(['10.2.0.0/16', '10.3.0.0/16']);
    expect(await cidrs({ TargetVersion: 1 })).toEqual(['10.1.0.0/16', '10.2.0.0/16']);
  });

  it('renames and resizes, which makes none', async () => {
    await ec2.call('ModifyManagedPrefixList', modify({ PrefixListName: 'renamed', MaxEntries: 2 }));
    expect(await stateOf()).toEqual(['renamed', 'modify-complete', '1', '2']);
  });

  it.each<[string, Parameters, string]>([
    [
      'a version that it is not at',
      { CurrentVersion: 7, 'AddEntry.1.Cidr': '10.3.0.0/16' },
      'PrefixListVersionMismatch: The prefix list has the incorrect version number',
    ],
    [
      'more entries than it may have',
      { 'AddEntry.1.Cidr': '10.3.0.0/16', 'AddEntry.2.Cidr': '10.4.0.0/16' },
      "PrefixListMaxEntriesExceeded: You've reached",
    ],
    ['to become smaller than it is', { MaxEntries: 1 }, "PrefixListMaxEntriesExceeded: You've reached"],
    [
      'to remove what is not there',
      { 'RemoveEntry.1.Cidr': '10.9.0.0/16' },
      'InvalidPrefixListModification: The entry 10.9.0.0/16 does not exist.',
    ],
    [
      'no list',
      { PrefixListId: '' },
      'MissingParameter: The request must contain the parameter PrefixListId',
    ],
    [
      'a list that is not there',
      { PrefixListId: 'pl-12345678' },
      "InvalidPrefixListID.NotFound: The prefix list ID 'pl-12345678' does not exist",
    ],
    ['an id that is none', { PrefixListId: 'pl-x' }, 'InvalidPrefixListId.Malformed: '],
  ])('refuses %s', async (_what, fields, refusal) => {
    expect(await ec2.refusal('ModifyManagedPrefixList', modify(fields))).toContain(refusal);
    expect(await stateOf()).toEqual([`offices-${count}`, 'create-complete', '1', '3']);
  });
});

describe('RestoreManagedPrefixListVersion', () => {
  it('makes a new version of an old one', async () => {
    await ec2.call('ModifyManagedPrefixList', {
      PrefixListId: list,
      'AddEntry.1.Cidr': '10.1.0.0/16',
      'AddEntry.1.Description': 'changed',
      'RemoveEntry.1.Cidr': '10.2.0.0/16',
    });
    const answer = await ec2.call('RestoreManagedPrefixListVersion', {
      PrefixListId: list,
      PreviousVersion: 1,
      CurrentVersion: 2,
    });
    expect(answer.at('prefixList').content).toMatchObject({ version: '3', state: 'restore-complete' });
    const entries = await ec2.call('GetManagedPrefixListEntries', { PrefixListId: list });
    expect(entries.items('entrySet').map(({ content }) => content)).toEqual([
      { cidr: '10.1.0.0/16', description: 'headquarters' },
      { cidr: '10.2.0.0/16' },
    ]);
  });

  it('refuses versions that there never were, and another than the current', async () => {
    const restore = (PreviousVersion: number, CurrentVersion: number): Promise<string> =>
      ec2.refusal('RestoreManagedPrefixListVersion', { PrefixListId: list, PreviousVersion, CurrentVersion });
    expect(await restore(5, 1)).toContain('InvalidParameterValue: ');
    expect(await restore(1, 5)).toContain('PrefixListVersionMismatch: ');
  });
});

describe('what is shown of prefix lists', () => {
  it('is found by filters and goes page by page, entries too', async () => {
    const shown = async (fields: Parameters): Promise<readonly string[]> =>
      (await ec2.call('DescribeManagedPrefixLists', fields)).column('prefixListSet', 'prefixListId');
    await ec2.call('CreateTags', { 'ResourceId.1': list, 'Tag.1.Key': 'n', 'Tag.1.Value': `t-${count}` });
    expect(await shown({ 'Filter.1.Name': 'tag:n', 'Filter.1.Value.1': `t-${count}` })).toEqual([list]);
    expect(await shown({ 'Filter.1.Name': 'prefix-list-id', 'Filter.1.Value.1': list })).toEqual([list]);
    expect(await shown({ 'Filter.1.Name': 'owner-id', 'Filter.1.Value.1': 'AWS' })).toEqual([]);
    const first = await ec2.call('DescribeManagedPrefixLists', { MaxResults: 1 });
    const rest = await shown({ NextToken: first.text('nextToken') });
    expect([...first.column('prefixListSet', 'prefixListId'), ...rest]).toEqual(await shown({}));
    const entries = await ec2.call('GetManagedPrefixListEntries', { PrefixListId: list, MaxResults: 1 });
    expect(entries.column('entrySet', 'cidr')).toEqual(['10.1.0.0/16']);
    expect(await cidrs({ NextToken: entries.text('nextToken') })).toEqual(['10.2.0.0/16']);
    const old = await ec2.call('DescribePrefixLists', {
      'Filter.1.Name': 'prefix-list-name',
      'Filter.1.Value.1': `offices-${count}`,
    });
    expect(old.items('prefixListSet')[0]?.content).toEqual({
      prefixListId: list,
      prefixListName: `offices-${count}`,
      cidrSet: ['10.1.0.0/16', '10.2.0.0/16'],
    });
  });

  it('refuses versions and lists that are not there, and those of others', async () => {
    expect(
      await ec2.refusal('GetManagedPrefixListEntries', { PrefixListId: list, TargetVersion: 9 }),
    ).toContain('InvalidParameterValue: ');
    for (const action of [
      'GetManagedPrefixListEntries',
      'DeleteManagedPrefixList',
      'GetManagedPrefixListAssociations',
    ])
      expect(await ec2.refusal(action, { PrefixListId: list }, NEIGHBOUR)).toBe(
        `InvalidPrefixListID.NotFound: The prefix list ID '${list}' does not exist`,
      );
  });
});

describe('DeleteManagedPrefixList', () => {
  it('waits until no rule names the list', async () => {
    const group = await ec2.createGroup(`names-${count}`);
    const permission = {
      'IpPermissions.1.IpProtocol': '-1',
      'IpPermissions.1.PrefixListIds.1.PrefixListId': list,
    };
    await ec2.call('AuthorizeSecurityGroupIngress', { GroupId: group, ...permission });
    const associations = await ec2.call('GetManagedPrefixListAssociations', { PrefixListId: list });
    expect(associations.items('prefixListAssociationSet').map(({ content }) => content)).toEqual([
      { resourceId: group, resourceOwner: OWNER },
    ]);
    expect(await ec2.refusal('DeleteManagedPrefixList', { PrefixListId: list })).toBe(
      `DependencyViolation: resource ${list} has a dependent object: a rule of ${group}`,
    );
    await ec2.call('RevokeSecurityGroupIngress', { GroupId: group, ...permission });
    const answer = await ec2.call('DeleteManagedPrefixList', { PrefixListId: list });
    expect(answer.at('prefixList').content).toMatchObject({ prefixListId: list, state: 'delete-complete' });
    expect(await ec2.refusal('DescribeManagedPrefixLists', { 'PrefixListId.1': list })).toContain(
      'InvalidPrefixListID.NotFound: ',
    );
  });
});

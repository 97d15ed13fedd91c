import { paginateGetManagedPrefixListEntries, type EC2 } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Installation } from '../../support/installation.js';
import { expectRefusal, openEc2, pagesOf } from '../support/clients.js';

let installation: Installation;
let ec2: EC2;
let web: string;
let offices: string;

beforeAll(async () => {
  installation = await Installation.start(0);
  ec2 = openEc2(installation);
  web = (await ec2.createSecurityGroup({ GroupName: 'web', Description: 'x' })).GroupId ?? '';
});
afterAll(async () => installation[Symbol.asyncDispose]());

const entriesOf = async (): Promise<ReadonlySet<unknown>> => {
  const pages = await pagesOf(
    paginateGetManagedPrefixListEntries({ client: ec2 }, { PrefixListId: offices }),
  );
  return new Set(pages.flatMap(({ Entries = [] }) => Entries.map(({ Cidr }) => Cidr)));
};
const permission = () => [
  { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId: offices }] },
];

it('creates a list', async () => {
  const { PrefixList } = await ec2.createManagedPrefixList({
    PrefixListName: 'offices',
    MaxEntries: 10,
    AddressFamily: 'IPv4',
    Entries: [{ Cidr: '192.0.2.0/24', Description: 'first floor' }, { Cidr: '198.51.100.0/24' }],
    TagSpecifications: [{ ResourceType: 'prefix-list', Tags: [{ Key: 'team', Value: 'house' }] }],
  });
  offices = PrefixList?.PrefixListId ?? '';
  expect(PrefixList).toMatchObject({
    PrefixListId: expect.stringMatching(/^pl-[0-9a-f]{17}$/),
    PrefixListName: 'offices',
    MaxEntries: 10,
    AddressFamily: 'IPv4',
    Version: 1,
    OwnerId: '111122223333',
    Tags: [{ Key: 'team', Value: 'house' }],
  });
  expect(await entriesOf()).toEqual(new Set(['192.0.2.0/24', '198.51.100.0/24']));
  const { PrefixLists } = await ec2.describeManagedPrefixLists({
    Filters: [{ Name: 'prefix-list-name', Values: ['offices'] }],
  });
  expect(PrefixLists).toMatchObject([{ PrefixListId: offices, State: 'create-complete' }]);
});

it('modifies it from the version that the client has seen', async () => {
  const modify = (CurrentVersion: number) =>
    ec2.modifyManagedPrefixList({
      PrefixListId: offices,
      CurrentVersion,
      AddEntries: [{ Cidr: '203.0.113.0/24' }],
      RemoveEntries: [{ Cidr: '192.0.2.0/24' }],
    });
  expect((await modify(1)).PrefixList).toMatchObject({ PrefixListId: offices, Version: 2 });
  await expectRefusal(modify(1), 'PrefixListVersionMismatch');
  expect(await entriesOf()).toEqual(new Set(['198.51.100.0/24', '203.0.113.0/24']));
});

it('is the peer of a rule', async () => {
  const { SecurityGroupRules } = await ec2.authorizeSecurityGroupIngress({
    GroupId: web,
    IpPermissions: permission(),
  });
  expect(SecurityGroupRules).toMatchObject([{ PrefixListId: offices, FromPort: 443, ToPort: 443 }]);
  const { SecurityGroups } = await ec2.describeSecurityGroups({
    Filters: [{ Name: 'ip-permission.prefix-list-id', Values: [offices] }],
  });
  expect(SecurityGroups).toMatchObject([{ GroupId: web, IpPermissions: permission() }]);
});

it('is deleted once no rule names it', async () => {
  const gone = ec2.deleteManagedPrefixList({ PrefixListId: offices });
  await expectRefusal(gone, 'DependencyViolation', offices);
  await ec2.revokeSecurityGroupIngress({ GroupId: web, IpPermissions: permission() });
  await ec2.deleteManagedPrefixList({ PrefixListId: offices });
  await expectRefusal(
    ec2.describeManagedPrefixLists({ PrefixListIds: [offices] }),
    'InvalidPrefixListID.NotFound',
    offices,
  );
});

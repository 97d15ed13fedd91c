import {
  familyOf,
  parseAccountId,
  parseCidr,
  type AccountId,
  type AddressFamily,
  type RequestedPeer,
  type RequestedPermission,
} from '#libs/domain';
import { Ec2Error, parseTraffic, type QueryParameters } from '#libs/protocol';
import { groupFrom } from './group-parameters.js';
import { prefixListIdFrom } from './id-parameters.js';

export interface DescribedPermission extends RequestedPermission {
  readonly description?: string;
}

const FLAT = [
  'IpProtocol',
  'FromPort',
  'ToPort',
  'CidrIp',
  'SourceSecurityGroupName',
  'SourceSecurityGroupOwnerId',
];

/** The permissions of an authorize or a revoke: IpPermissions.N, or the flat form of old clients. */
export function permissionsFrom(
  parameters: QueryParameters,
  accountId: AccountId,
): readonly DescribedPermission[] {
  const structures = parameters.structures('IpPermissions');
  const isFlat = FLAT.some((name) => parameters.text(name) !== undefined);
  if (isFlat && structures.length > 0)
    throw new Ec2Error(
      'InvalidParameterCombination',
      'The parameter ipPermissions may not be used with ipProtocol, cidrIp or sourceSecurityGroupName',
    );
  if (isFlat) return flatPermissions(parameters, accountId);
  return structures.flatMap((structure) => permissionsOf(structure, accountId));
}

/** One IpPermission is one rule for each of its peers. */
function permissionsOf(structure: QueryParameters, accountId: AccountId): readonly DescribedPermission[] {
  const traffic = trafficFrom(structure);
  const blocks = [
    ...structure.structures('IpRanges').map((range) => ({ range, peer: blockFrom(range.text('CidrIp'), 4) })),
    ...structure
      .structures('Ipv6Ranges')
      .map((range) => ({ range, peer: blockFrom(range.text('CidrIpv6'), 6) })),
  ].map(({ range, peer }) => described(range, { traffic, peer }));
  const groups = structure
    .structures('Groups')
    .map((pair) => described(pair, { traffic, peer: groupPeer(pair, accountId) }));
  const prefixLists = structure
    .structures('PrefixListIds')
    .map((one) => described(one, { traffic, peer: prefixListPeer(one.text('PrefixListId')) }));
  const permissions = [...blocks, ...groups, ...prefixLists];
  if (permissions.length === 0)
    throw new Ec2Error(
      'InvalidParameterValue',
      'The permission has no source or destination: give IpRanges, Ipv6Ranges, Groups or PrefixListIds',
    );
  return permissions;
}

/** A source group alone means all ICMP, UDP and TCP, as it did before VPCs. */
function flatPermissions(parameters: QueryParameters, accountId: AccountId): readonly DescribedPermission[] {
  const groupName = parameters.text('SourceSecurityGroupName');
  if (groupName === undefined)
    return [{ traffic: trafficFrom(parameters), peer: blockFrom(parameters.text('CidrIp'), 4) }];
  const owner = parameters.text('SourceSecurityGroupOwnerId');
  const peer: RequestedPeer = {
    kind: 'group',
    accountId: accountFrom(owner) ?? accountId,
    group: { groupName },
  };
  if (parameters.text('IpProtocol') !== undefined) return [{ traffic: trafficFrom(parameters), peer }];
  return [
    { traffic: { kind: 'icmp', protocol: 1 }, peer },
    { traffic: { kind: 'ports', protocol: 17, from: 0, to: 65_535 }, peer },
    { traffic: { kind: 'ports', protocol: 6, from: 0, to: 65_535 }, peer },
  ];
}

/** IpProtocol, FromPort and ToPort. */
export function trafficFrom(parameters: QueryParameters): RequestedPermission['traffic'] {
  const [protocol, from, to] = ['IpProtocol', 'FromPort', 'ToPort'].map((name) => parameters.text(name));
  const parsed = parseTraffic(protocol, from, to);
  if (!parsed.understood) throw new Ec2Error('InvalidParameterValue', parsed.message);
  return parsed.traffic;
}

/** A block of that family: each has parameters of its own. */
export function blockFrom(text = '', family: AddressFamily): RequestedPeer {
  const cidr = parseCidr(text);
  if (!cidr || familyOf(cidr) !== family)
    throw new Ec2Error('InvalidParameterValue', `CIDR block ${text} is malformed`);
  return { kind: 'cidr', cidr };
}

function groupPeer(pair: QueryParameters, accountId: AccountId): RequestedPeer {
  if (pair.text('GroupId') === undefined && pair.text('GroupName') === undefined)
    throw new Ec2Error('MissingParameter', 'Source group ID missing.');
  return { kind: 'group', accountId: accountFrom(pair.text('UserId')) ?? accountId, group: groupFrom(pair) };
}

export const prefixListPeer = (text = ''): RequestedPeer => ({
  kind: 'prefix-list',
  prefixListId: prefixListIdFrom(text),
});

function accountFrom(text: string | undefined): AccountId | undefined {
  if (text === undefined) return undefined;
  const accountId = parseAccountId(text);
  if (!accountId)
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${text}) for parameter UserId is invalid: use 12 digits`,
    );
  return accountId;
}

// Amazon's page on IpRange, "Description".
const DESCRIPTION = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/;

/** With the structure's Description, if it has one. */
export function described<Wish extends object>(
  structure: QueryParameters,
  wish: Wish,
): Wish & { readonly description?: string } {
  const description = structure.text('Description');
  if (description === undefined) return wish;
  if (!DESCRIPTION.test(description))
    throw new Ec2Error(
      'InvalidParameterValue',
      'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
    );
  return { ...wish, description };
}

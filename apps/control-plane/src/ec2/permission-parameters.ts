import {
  parseAccountId,
  parseCidr,
  parsePrefixListId,
  type AccountId,
  type RequestedPeer,
  type RequestedPermission,
} from '#libs/domain';
import { Ec2Error, parseTraffic, type QueryParameters } from '#libs/protocol';
import { groupFrom } from './group-parameters.js';

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
  const traffic = trafficFrom(structure, structure.text('IpProtocol'));
  const blocks = [
    ...structure.structures('IpRanges').map((range) => ({ range, text: range.text('CidrIp') })),
    ...structure.structures('Ipv6Ranges').map((range) => ({ range, text: range.text('CidrIpv6') })),
  ].map(({ range, text }) => described(range, { traffic, peer: blockFrom(text ?? '') }));
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
  const ipProtocol = parameters.text('IpProtocol');
  if (groupName === undefined)
    return [
      { traffic: trafficFrom(parameters, ipProtocol), peer: blockFrom(parameters.text('CidrIp') ?? '') },
    ];
  const owner = parameters.text('SourceSecurityGroupOwnerId');
  const peer: RequestedPeer = {
    kind: 'group',
    accountId: accountFrom(owner) ?? accountId,
    group: { groupName },
  };
  if (ipProtocol !== undefined) return [{ traffic: trafficFrom(parameters, ipProtocol), peer }];
  return [
    { traffic: { kind: 'icmp', protocol: 1 }, peer },
    { traffic: { kind: 'ports', protocol: 17, from: 0, to: 65_535 }, peer },
    { traffic: { kind: 'ports', protocol: 6, from: 0, to: 65_535 }, peer },
  ];
}

function trafficFrom(
  parameters: QueryParameters,
  ipProtocol: string | undefined,
): RequestedPermission['traffic'] {
  const parsed = parseTraffic(ipProtocol, parameters.text('FromPort'), parameters.text('ToPort'));
  if (!parsed.understood) throw new Ec2Error('InvalidParameterValue', parsed.message);
  return parsed.traffic;
}

function blockFrom(text: string): RequestedPeer {
  const cidr = parseCidr(text);
  if (!cidr) throw new Ec2Error('InvalidParameterValue', `CIDR block ${text} is malformed`);
  return { kind: 'cidr', cidr };
}

function groupPeer(pair: QueryParameters, accountId: AccountId): RequestedPeer {
  if (pair.text('GroupId') === undefined && pair.text('GroupName') === undefined)
    throw new Ec2Error('MissingParameter', 'Source group ID missing.');
  return { kind: 'group', accountId: accountFrom(pair.text('UserId')) ?? accountId, group: groupFrom(pair) };
}

function prefixListPeer(text = ''): RequestedPeer {
  const prefixListId = parsePrefixListId(text);
  if (!prefixListId)
    throw new Ec2Error('InvalidPrefixListId.Malformed', `The prefix list ID '${text}' is malformed`);
  return { kind: 'prefix-list', prefixListId };
}

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

function described(structure: QueryParameters, permission: RequestedPermission): DescribedPermission {
  const description = structure.text('Description');
  if (description === undefined) return permission;
  if (description.length > 255)
    throw new Ec2Error(
      'InvalidParameterValue',
      'Value for parameter Description is invalid: 255 characters are the most',
    );
  return { ...permission, description };
}

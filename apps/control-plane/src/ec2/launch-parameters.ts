import {
  familyOf,
  parseHostId,
  parseIpAddress,
  type GroupReference,
  type HostId,
  type IpAddress,
  type LaunchInstances,
} from '#libs/domain';
import { Ec2Error, missingParameter, type QueryParameters } from '#libs/protocol';
import { newId } from '../commands/new-ids.js';
import type { ActionContext } from './action.js';
import { clientTokenFrom } from './client-token.js';
import { groupIdFrom } from './group-parameters.js';
import { checkSubnet, checkZone, networkOf } from './network.js';
import { tagsFrom } from './tags.js';

/** Launched at once at the most; EC2's own default for RunInstances is lower. */
const MOST_AT_ONCE = 1000;
/** EC2 lets these be tagged at a launch too; they are no things of their own here. */
const OTHERS_TAGGED = ['volume', 'network-interface', 'spot-instances-request', 'elastic-gpu'];

/** What RunInstances asks for. What has no meaning here, such as UserData or a volume, is passed over. */
export function launchFrom(parameters: QueryParameters, { account, region }: ActionContext): LaunchInstances {
  const imageId = parameters.text('ImageId');
  if (imageId === undefined) throw missingParameter('ImageId');
  const { atLeast, atMost } = countsFrom(parameters);
  const card = interfaceFrom(parameters);
  const network = networkOf(account, region);
  checkSubnet(parameters.text('SubnetId') ?? card?.text('SubnetId'), network);
  checkZone(parameters.text('Placement.AvailabilityZone'), network);
  const [keyName, hostId, address] = [
    parameters.text('KeyName'),
    hostFrom(parameters),
    addressFrom(parameters, card),
  ];
  const wish = {
    type: 'LaunchInstances' as const,
    accountId: account.accountId,
    atLeast,
    groups: groupsFrom(parameters, card),
    imageId,
    instanceType: parameters.text('InstanceType') ?? 'm1.small',
    tags: tagsFrom(parameters, 'instance', OTHERS_TAGGED),
    ...(keyName === undefined ? {} : { keyName }),
    ...(hostId === undefined ? {} : { hostId }),
    ...(address === undefined ? {} : { address }),
    // Then the host itself is the instance, by its own addresses.
    ...(parameters.text('Placement.Tenancy') === 'host' ? { attachment: 'host' as const } : {}),
  };
  return {
    ...wish,
    reservationId: newId('r'),
    instanceIds: Array.from({ length: atMost }, () => newId<'InstanceId'>('i')),
    ...clientTokenFrom(parameters, { ...wish, atMost }),
  };
}

function countsFrom(parameters: QueryParameters): { readonly atLeast: number; readonly atMost: number } {
  const countOf = (name: string): number => {
    const text = parameters.text(name);
    if (text === undefined) throw missingParameter(name);
    const count = Number(text);
    if (!/^\d{1,6}$/.test(text) || count < 1 || count > MOST_AT_ONCE)
      throw new Ec2Error(
        'InvalidParameterValue',
        `Value (${text}) for parameter ${name} is invalid: use 1 to ${MOST_AT_ONCE}`,
      );
    return count;
  };
  const [atLeast, atMost] = [countOf('MinCount'), countOf('MaxCount')];
  if (atLeast > atMost)
    throw new Ec2Error('InvalidParameterValue', `MinCount (${atLeast}) is above MaxCount (${atMost})`);
  return { atLeast, atMost };
}

/** The one network interface described by the request, as the AWS CLI does when it is told an address. */
function interfaceFrom(parameters: QueryParameters): QueryParameters | undefined {
  const [card, ...others] = parameters.structures('NetworkInterface');
  if (others.length > 0)
    throw new Ec2Error(
      'InvalidParameterCombination',
      'An instance has one network interface here: describe one NetworkInterface, or none',
    );
  const existing = card?.text('NetworkInterfaceId');
  if (existing !== undefined)
    throw new Ec2Error(
      'InvalidNetworkInterfaceID.NotFound',
      `The networkInterface ID '${existing}' does not exist, or is an instance's: every launch makes its own`,
    );
  const both = ['SecurityGroupId.1', 'SecurityGroup.1', 'SubnetId', 'PrivateIpAddress'].find(
    (name) => card !== undefined && parameters.text(name) !== undefined,
  );
  if (both !== undefined)
    throw new Ec2Error(
      'InvalidParameterCombination',
      'Network interfaces and an instance-level security groups, subnet or address may not be specified on the same request',
    );
  return card;
}

function groupsFrom(parameters: QueryParameters, card?: QueryParameters): readonly GroupReference[] {
  const ids = [...parameters.list('SecurityGroupId'), ...(card?.list('SecurityGroupId') ?? [])];
  return [
    ...ids.map((text) => ({ groupId: groupIdFrom(text) })),
    ...parameters.list('SecurityGroup').map((groupName) => ({ groupName })),
  ];
}

function hostFrom(parameters: QueryParameters): HostId | undefined {
  const text = parameters.text('Placement.HostId');
  const hostId = text === undefined ? undefined : parseHostId(text);
  if (text !== undefined && !hostId)
    throw new Ec2Error(
      'InvalidHostID.Malformed',
      `The host ID '${text}' is malformed: use the name of a host`,
    );
  return hostId;
}

/** An instance gets one address of each family, at the same place in its host's ranges: either tells the other. */
function addressFrom(parameters: QueryParameters, card?: QueryParameters): IpAddress | undefined {
  const [ipv4, ipv6] = [
    parameters.text('PrivateIpAddress') ?? card?.text('PrivateIpAddress'),
    parameters.text('Ipv6Address.1.Ipv6Address') ?? card?.text('Ipv6Addresses.1.Ipv6Address'),
  ];
  const parsed = (name: string, family: 4 | 6, text?: string): IpAddress | undefined => {
    if (text === undefined) return undefined;
    const address = parseIpAddress(text);
    if (address && (familyOf(address) === family || name === 'PrivateIpAddress')) return address;
    throw new Ec2Error(
      'InvalidParameterValue',
      `Value (${text}) for parameter ${name} is invalid: use an IP address`,
    );
  };
  return parsed('PrivateIpAddress', 4, ipv4) ?? parsed('Ipv6Address', 6, ipv6);
}

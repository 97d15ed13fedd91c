import { familyOf } from '#libs/domain';
import type { InstanceView } from '#libs/projections';
import type { Xml } from '#libs/protocol';
import { attachmentIdOf, interfaceIdOf, macAddressOf, type Network } from './network.js';

/** Where instances of the account are. */
export interface Place {
  readonly network: Network;
  readonly region: string;
}

/** The one network interface of a running instance, as both DescribeInstances and DescribeNetworkInterfaces show it. */
export function interfaceXml(
  { instance, groupNames }: InstanceView,
  { network }: Place,
): Readonly<Record<string, Xml | undefined>> {
  const { instanceId, accountId, addresses, groupIds } = instance;
  const privateIpAddress = addresses.find((one) => familyOf(one) === 4);
  return {
    networkInterfaceId: interfaceIdOf(instanceId),
    subnetId: network.subnetId,
    vpcId: network.vpcId,
    description: '',
    ownerId: accountId,
    status: 'in-use',
    macAddress: macAddressOf(instanceId),
    privateIpAddress,
    sourceDestCheck: true,
    interfaceType: 'interface',
    groupSet: groupIds.map((groupId, index) => ({ groupId, groupName: groupNames[index] })),
    privateIpAddressesSet: privateIpAddress === undefined ? [] : [{ privateIpAddress, primary: true }],
    ipv6AddressesSet: addresses.filter((one) => familyOf(one) === 6).map((ipv6Address) => ({ ipv6Address })),
  };
}

export const attachmentXml = ({ instance, launchedAt }: InstanceView): Readonly<Record<string, Xml>> => ({
  attachmentId: attachmentIdOf(instance.instanceId),
  deviceIndex: 0,
  networkCardIndex: 0,
  status: 'attached',
  attachTime: launchedAt,
  deleteOnTermination: true,
});

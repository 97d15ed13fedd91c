import { familyOf } from '#libs/domain';
import type { InstanceView } from '#libs/projections';
import type { FilterTable } from './filters.js';
import { stateOf } from './instance-xml.js';
import { attachmentIdOf, interfaceIdOf, macAddressOf, partOf, zoneOf } from './network.js';

/** A value of running instances: what has ended has left the network. */
const ofRunning =
  (valuesOf: (view: InstanceView) => readonly string[]) =>
  (view: InstanceView): readonly string[] =>
    view.terminatedAt === undefined ? valuesOf(view) : [];

const groupIds = ofRunning(({ instance }) => instance.groupIds);
const groupNames = ofRunning(({ groupNames: names }) => names);
const vpcId = ofRunning((view) => [view.vpcId]);
const subnetId = ofRunning((view) => [partOf(view.vpcId, 'subnet')]);
const addresses = ofRunning(({ instance }) => instance.addresses);
const ipv6Addresses = ofRunning(({ instance }) => instance.addresses.filter((one) => familyOf(one) === 6));
const interfaceId = ofRunning(({ instance }) => [interfaceIdOf(instance.instanceId)]);
const attachmentId = ofRunning(({ instance }) => [attachmentIdOf(instance.instanceId)]);
const macAddress = ofRunning(({ instance }) => [macAddressOf(instance.instanceId)]);
const ownerId = ({ instance }: InstanceView): readonly string[] => [instance.accountId];
const instanceId = ({ instance }: InstanceView): readonly string[] => [instance.instanceId];
const attached = ofRunning(() => ['attached']);
const inUse = ofRunning(() => ['in-use']);
const firstDevice = ofRunning(() => ['0']);

const INSTANCE_FILTERS: FilterTable<InstanceView> = {
  architecture: () => ['x86_64'],
  'client-token': ({ instance }) => [instance.clientToken],
  'group-id': groupIds,
  'group-name': groupNames,
  'host-id': ({ instance }) => [instance.hostId],
  'image-id': ({ instance }) => [instance.imageId],
  'instance-id': instanceId,
  'instance-state-code': (view) => [String(stateOf(view).code)],
  'instance-state-name': (view) => [stateOf(view).name],
  'instance-type': ({ instance }) => [instance.instanceType],
  'instance.group-id': groupIds,
  'instance.group-name': groupNames,
  'ipv6-address': ipv6Addresses,
  'key-name': ({ instance }) => [instance.keyName],
  'launch-index': ({ instance }) => [String(instance.launchIndex)],
  'launch-time': ({ launchedAt }) => [launchedAt],
  'network-interface.addresses.private-ip-address': addresses,
  'network-interface.attachment.attachment-id': attachmentId,
  'network-interface.attachment.instance-id': instanceId,
  'network-interface.attachment.status': attached,
  'network-interface.group-id': groupIds,
  'network-interface.group-name': groupNames,
  'network-interface.ipv6-addresses.ipv6-address': ipv6Addresses,
  'network-interface.mac-address': macAddress,
  'network-interface.network-interface-id': interfaceId,
  'network-interface.owner-id': ownerId,
  'network-interface.private-ip-address': addresses,
  'network-interface.status': inUse,
  'network-interface.subnet-id': subnetId,
  'network-interface.vpc-id': vpcId,
  'owner-id': ownerId,
  'private-ip-address': addresses,
  'reservation-id': ({ instance }) => [instance.reservationId],
  'subnet-id': subnetId,
  'vpc-id': vpcId,
};

const INTERFACE_FILTERS: FilterTable<InstanceView> = {
  'addresses.private-ip-address': addresses,
  'attachment.attachment-id': attachmentId,
  'attachment.device-index': firstDevice,
  'attachment.instance-id': instanceId,
  'attachment.instance-owner-id': ownerId,
  'attachment.status': attached,
  description: () => [''],
  'group-id': groupIds,
  'group-name': groupNames,
  'interface-type': () => ['interface'],
  'ipv6-addresses.ipv6-address': ipv6Addresses,
  'mac-address': macAddress,
  'network-interface-id': interfaceId,
  'owner-id': ownerId,
  'private-ip-address': addresses,
  'requester-managed': () => ['false'],
  status: inUse,
  'subnet-id': subnetId,
  'vpc-id': vpcId,
};

/** Listings index by the functions of a table, so that a region's must stay the same. */
function withZone(table: FilterTable<InstanceView>): (region: string) => FilterTable<InstanceView> {
  const tables = new Map<string, FilterTable<InstanceView>>();
  return (region) =>
    tables.getOrInsertComputed(region, () => ({ ...table, 'availability-zone': () => [zoneOf(region)] }));
}

/** DescribeInstances. */
export const instanceFilters = withZone(INSTANCE_FILTERS);
/** DescribeNetworkInterfaces: every running instance is one interface. */
export const interfaceFilters = withZone(INTERFACE_FILTERS);

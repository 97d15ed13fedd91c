import { familyOf, HOST_INTERFACE } from '#libs/domain';
import type { InstanceView } from '#libs/projections';
import type { Xml, XmlFields } from '#libs/protocol';
import type { ActionContext } from './action.js';
import { attachmentXml, interfaceXml, type Place } from './interface-xml.js';
import { networkOf } from './network.js';
import { tagSetXml } from './tags.js';

/** InstanceState: the codes of the EC2 API reference. */
export const RUNNING = { code: 16, name: 'running' };
export const SHUTTING_DOWN = { code: 32, name: 'shutting-down' };
export const TERMINATED = { code: 48, name: 'terminated' };

export const stateOf = ({ terminatedAt }: InstanceView): { readonly code: number; readonly name: string } =>
  terminatedAt === undefined ? RUNNING : TERMINATED;

/** Instances of one launch, as a reservation. */
export function reservationXml(views: readonly InstanceView[], context: ActionContext): XmlFields {
  const [first] = views;
  const place = { network: networkOf(context.account, context.region), region: context.region };
  return {
    reservationId: first?.instance.reservationId ?? '',
    ownerId: first?.instance.accountId ?? '',
    groupSet: [],
    instancesSet: views.map((view) => instanceXml(view, place)),
  };
}

/** Settings that every instance has, since there is nothing to choose. */
const ALIKE = {
  monitoring: { state: 'disabled' },
  architecture: 'x86_64',
  rootDeviceType: 'ebs',
  rootDeviceName: '/dev/xvda',
  blockDeviceMapping: [],
  virtualizationType: 'hvm',
  hypervisor: 'xen',
  ebsOptimized: false,
  enaSupport: true,
  cpuOptions: { coreCount: 1, threadsPerCore: 1 },
  hibernationOptions: { configured: false },
  enclaveOptions: { enabled: false },
} as const;

/** As EC2 names instances inside their network. */
export const privateDnsNameOf = (address: string | undefined): string =>
  address === undefined ? '' : `ip-${address.replaceAll('.', '-')}.ec2.internal`;

function instanceXml(view: InstanceView, place: Place): Xml {
  const { instance, launchedAt, terminatedAt } = view;
  const isRunning = terminatedAt === undefined;
  const address = instance.addresses.find((one) => familyOf(one) === 4);
  return {
    instanceId: instance.instanceId,
    imageId: instance.imageId,
    instanceState: stateOf(view),
    privateDnsName: isRunning ? privateDnsNameOf(address) : '',
    dnsName: '',
    reason: isRunning ? '' : `User initiated (${terminatedAt.slice(0, 19).replace('T', ' ')} GMT)`,
    keyName: instance.keyName,
    amiLaunchIndex: instance.launchIndex,
    productCodes: [],
    instanceType: instance.instanceType,
    launchTime: launchedAt,
    placement: {
      availabilityZone: place.network.zone,
      groupName: '',
      tenancy: instance.interfaceName === HOST_INTERFACE ? 'host' : 'default',
      hostId: instance.hostId,
    },
    ...(isRunning ? networkXml(view, place, address) : ENDED),
    sourceDestCheck: true,
    clientToken: instance.clientToken ?? '',
    tagSet: tagSetXml(view.tags),
    ...ALIKE,
  };
}

const ENDED = {
  stateReason: {
    code: 'Client.UserInitiatedShutdown',
    message: 'Client.UserInitiatedShutdown: User initiated shutdown',
  },
  groupSet: [],
  networkInterfaceSet: [],
};

function networkXml(
  view: InstanceView,
  place: Place,
  address?: string,
): Readonly<Record<string, Xml | undefined>> {
  const { instance, vpcId, groupNames } = view;
  const card = interfaceXml(view, place);
  return {
    vpcId,
    subnetId: place.network.subnetId,
    privateIpAddress: address,
    ipv6Address: instance.addresses.find((one) => familyOf(one) === 6),
    groupSet: instance.groupIds.map((groupId, index) => ({ groupId, groupName: groupNames[index] })),
    networkInterfaceSet: [{ ...card, attachment: attachmentXml(view) }],
  };
}

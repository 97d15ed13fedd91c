import { familyOf } from '#libs/domain';
import type { InstanceView } from '#libs/projections';
import type { Xml } from '#libs/protocol';
import type { ActionContext } from './action.js';
import { tagSetXml } from './tags.js';

/** InstanceState: the codes of the EC2 API reference. */
export const RUNNING = { code: 16, name: 'running' };
export const SHUTTING_DOWN = { code: 32, name: 'shutting-down' };
export const TERMINATED = { code: 48, name: 'terminated' };

export const stateOf = ({ terminatedAt }: InstanceView): { readonly code: number; readonly name: string } =>
  terminatedAt === undefined ? RUNNING : TERMINATED;

/** Instances of one launch, as a reservation. */
export function reservationXml(views: readonly InstanceView[], context: ActionContext): Xml {
  const [first] = views;
  return {
    reservationId: first?.instance.reservationId ?? '',
    ownerId: first?.instance.accountId ?? '',
    groupSet: [],
    instancesSet: views.map((view) => instanceXml(view, context)),
  };
}

function instanceXml(view: InstanceView, { directory, region, account }: ActionContext): Xml {
  const { instance, launchedAt, terminatedAt } = view;
  const isRunning = terminatedAt === undefined;
  const address = instance.addresses.find((one) => familyOf(one) === 4);
  const ipv6Address = instance.addresses.find((one) => familyOf(one) === 6);
  const groupSet = instance.groupIds.map((groupId) => ({
    groupId,
    groupName: directory.groups.get(groupId)?.name ?? '',
  }));
  const inNetwork = { vpcId: account.vpcId, subnetId: account.vpcId.replace('vpc-', 'subnet-') };
  return {
    instanceId: instance.instanceId,
    imageId: instance.imageId,
    instanceState: stateOf(view),
    privateDnsName: isRunning && address ? `ip-${address.replaceAll('.', '-')}.ec2.internal` : '',
    dnsName: '',
    reason: '',
    keyName: instance.keyName,
    amiLaunchIndex: instance.launchIndex,
    productCodes: [],
    instanceType: instance.instanceType,
    launchTime: launchedAt,
    placement: { availabilityZone: `${region}a`, groupName: '', tenancy: 'default', hostId: instance.hostId },
    monitoring: { state: 'disabled' },
    ...(isRunning ? { ...inNetwork, privateIpAddress: address, ipv6Address } : {}),
    sourceDestCheck: true,
    groupSet: isRunning ? groupSet : [],
    architecture: 'x86_64',
    rootDeviceType: 'ebs',
    blockDeviceMapping: [],
    virtualizationType: 'hvm',
    hypervisor: 'xen',
    tagSet: tagSetXml(view.tags),
    networkInterfaceSet: [],
    ebsOptimized: false,
  };
}

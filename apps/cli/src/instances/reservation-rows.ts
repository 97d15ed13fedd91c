import type { XmlElement } from '../connection/xml-element.js';
import type { Given } from '../flags.js';
import type { Row } from '../rows.js';
import { tagRows } from '../tag-rows.js';

/** RESERVATION, then each of its instances followed by the groups that it wears and its tags. */
export const reservationRows = (reservation: XmlElement, given: Given): readonly Row[] => {
  const instances = reservation.items('instancesSet');
  const groups = (instances[0] ?? reservation).items('groupSet').map((group) => group.text('groupName'));
  return [
    ['RESERVATION', reservation.text('reservationId'), reservation.text('ownerId'), groups.join(',')],
    ...instances.flatMap((instance) => [
      instanceRow(instance),
      ...groupRows(instance),
      ...tagRows(instance, 'instance', instance.text('instanceId'), given),
    ]),
  ];
};

/** EC2's field for each column, in the classic order; a column without one here is always empty. */
const COLUMNS = [
  ['InstanceId', 'instanceId'],
  ['ImageId', 'imageId'],
  ['PublicDns', 'dnsName'],
  ['PrivateDns', 'privateDnsName'],
  ['State', 'instanceState.name'],
  ['Key', 'keyName'],
  ['LaunchIndex', 'amiLaunchIndex'],
  ['ProductCodes'],
  ['Type', 'instanceType'],
  ['LaunchTime', 'launchTime'],
  ['Zone', 'placement.availabilityZone'],
  ['Kernel', 'kernelId'],
  ['Ramdisk', 'ramdiskId'],
  ['Platform', 'platform'],
  ['Monitoring', 'monitoring.state'],
  ['PublicIp', 'ipAddress'],
  ['PrivateIp', 'privateIpAddress'],
  ['VpcID'], // empty, as in a GROUP line
  ['SubnetID'],
  ['RootDevice', 'rootDeviceType'],
  ['Lifecycle', 'instanceLifecycle'],
  ['SpotRequest', 'spotInstanceRequestId'],
  ['License'],
  ['PlacementGroup', 'placement.groupName'],
  ['Virtualization', 'virtualizationType'],
  ['Hypervisor', 'hypervisor'],
  ['ClientToken', 'clientToken'],
  ['Groups'],
  ['Tenancy', 'placement.tenancy'],
  ['EbsOptimized', 'ebsOptimized'],
  ['Profile', 'iamInstanceProfile.arn'],
] as const satisfies readonly (readonly [title: string, path?: string])[];

export const RESERVATION_HEADERS: readonly Row[] = [
  ['RESERVATION', 'ReservationID', 'Owner', 'Groups'],
  ['INSTANCE', ...COLUMNS.map(([title]) => title)],
];

type Title = (typeof COLUMNS)[number][0];

/** How a column is written where it is not the field as it stands. */
const WRITTEN: Partial<
  Record<Title, (text: string | undefined, instance: XmlElement) => string | undefined>
> = {
  LaunchTime: (text) => text?.replace(/(\.[0-9]+)?Z$/, '+0000'),
  Monitoring: (text) => text && `monitoring-${text}`,
  Groups: (_text, instance) =>
    instance
      .items('groupSet')
      .map((group) => group.text('groupId'))
      .join(','),
};

const instanceRow = (instance: XmlElement): Row => [
  'INSTANCE',
  ...COLUMNS.map(([title, path]) => {
    const text = path && instance.text(path);
    return WRITTEN[title]?.(text, instance) ?? text;
  }),
];

const groupRows = (instance: XmlElement): readonly Row[] =>
  instance.items('groupSet').map((group) => ['GROUP', group.text('groupId'), group.text('groupName')]);

import type { Connection } from '../connection/connection.js';
import { query } from '../connection/query.js';
import type { XmlElement } from '../connection/xml-element.js';
import { FILTER_FLAG, filterParameters } from '../filters.js';
import { listed } from '../parameters.js';
import { listingCommand } from './listing.js';
import { tagsOf } from './tags.js';

export interface InstanceView {
  readonly instanceId: string;
  readonly state: string;
  readonly address: string;
  readonly hostId: string;
  readonly groups: readonly { readonly groupId: string; readonly name: string }[];
  readonly imageId: string;
  readonly launchedAt: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Instances by id, all of the account's when none is named. */
export async function fetchInstances(
  connection: Connection,
  ids: readonly string[],
  filters: readonly string[] = [],
): Promise<readonly InstanceView[]> {
  const { element } = await query(connection, {
    Action: 'DescribeInstances',
    ...listed('InstanceId', ids),
    ...filterParameters(filters),
  });
  return element
    .items('reservationSet')
    .flatMap((reservation) => reservation.items('instancesSet').map(instanceFrom));
}

const instanceFrom = (instance: XmlElement): InstanceView => ({
  instanceId: instance.text('instanceId') ?? '',
  state: instance.text('instanceState.name') ?? '',
  address: instance.text('privateIpAddress') ?? '',
  hostId: instance.text('placement.hostId') ?? '',
  groups: instance
    .items('groupSet')
    .map((group) => ({ groupId: group.text('groupId') ?? '', name: group.text('groupName') ?? '' })),
  imageId: instance.text('imageId') ?? '',
  launchedAt: instance.text('launchTime') ?? '',
  tags: tagsOf(instance),
});

export const instances = listingCommand<InstanceView>({
  summary: 'Lists instances: where they run, and what groups they wear.',
  operands: '[instance...]',
  completes: 'instance',
  looksBack: true,
  flags: [FILTER_FLAG],
  examples: [
    ['', 'every instance of the account'],
    ['-F instance-state-name=running -F host-id=host-1', 'those that run on one host'],
  ],
  plural: 'instances',
  fetch: (connection, given) => fetchInstances(connection, given.operands, given.many('--filter')),
  columns: [
    ['INSTANCE', ({ instanceId }) => instanceId],
    ['STATE', ({ state }) => state],
    ['ADDRESS', ({ address }) => address],
    ['HOST', ({ hostId }) => hostId],
    ['GROUPS', (instance) => instance.groups.map(({ name }) => name).join(', ')],
    ['LAUNCHED', ({ launchedAt }) => launchedAt],
    ['NAME', ({ tags }) => tags['Name'] ?? ''],
  ],
  whenEmpty: 'no such instance',
});

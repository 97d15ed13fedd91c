import type { Connection } from '../connection/connection.js';
import { query } from '../connection/query.js';
import type { XmlElement } from '../connection/xml-element.js';
import { FILTER_FLAG, filterParameters } from '../filters.js';
import { groupsParameters } from '../parameters.js';
import { permissionFrom } from '../permissions/permission-rows.js';
import { listingCommand } from './listing.js';
import { tagsOf } from './tags.js';

export interface GroupView {
  readonly groupId: string;
  readonly name: string;
  readonly description: string;
  readonly ownerId: string;
  /** How many rules it has in each direction. */
  readonly ingress: number;
  readonly egress: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** Groups by name or id, all of the account's when none is named. */
export async function fetchGroups(
  connection: Connection,
  groups: readonly string[],
  filters: readonly string[] = [],
): Promise<readonly GroupView[]> {
  const { element } = await query(connection, {
    Action: 'DescribeSecurityGroups',
    ...groupsParameters(groups),
    ...filterParameters(filters),
  });
  return element.items('securityGroupInfo').map(groupFrom);
}

const groupFrom = (group: XmlElement): GroupView => ({
  groupId: group.text('groupId') ?? '',
  name: group.text('groupName') ?? '',
  description: group.text('groupDescription') ?? '',
  ownerId: group.text('ownerId') ?? '',
  ingress: rulesIn(group, 'ipPermissions'),
  egress: rulesIn(group, 'ipPermissionsEgress'),
  tags: tagsOf(group),
});

/** A permission bundles rules: one for each peer. */
const rulesIn = (group: XmlElement, set: string): number =>
  group.items(set).reduce((sum, permission) => sum + permissionFrom(permission).peers.length, 0);

export const groups = listingCommand<GroupView>({
  summary: 'Lists security groups, with how many rules they have.',
  operands: '[group...]',
  completes: 'group',
  looksBack: true,
  flags: [FILTER_FLAG],
  examples: [
    ['', 'every group of the account'],
    ["-F 'group-name=A*'", 'some of them'],
    ['--json | sed -n \'s/.*"groupId": "\\(.*\\)".*/\\1/p\'', 'for programs: here, the ids'],
  ],
  plural: 'groups',
  fetch: (connection, given) => fetchGroups(connection, given.operands, given.many('--filter')),
  columns: [
    ['GROUP', ({ name }) => name],
    ['ID', ({ groupId }) => groupId],
    ['INGRESS', ({ ingress }) => String(ingress)],
    ['EGRESS', ({ egress }) => String(egress)],
    ['DESCRIPTION', ({ description }) => description],
  ],
  whenEmpty: 'no such group',
});

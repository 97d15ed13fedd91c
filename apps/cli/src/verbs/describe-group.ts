import type { Given } from '../flags.js';
import { filterParameters, isGroupId, listed } from '../parameters.js';
import { permissionFrom, permissionRows } from '../permissions/permission-rows.js';
import type { Direction } from '../permissions/permission.js';
import type { Row } from '../rows.js';
import type { Verb } from '../verb.js';
import type { XmlElement } from '../connection/xml-element.js';
import { LISTING_FLAGS, tagRows } from './listing-flags.js';

export const describeGroup: Verb = {
  summary: 'Lists security groups and their permissions.',
  operands: '[group...]',
  flags: LISTING_FLAGS,
  examples: [
    ['', 'every group of the account'],
    ['web sg-0123456789abcdef0', 'two groups, by name and by id'],
    ['-F ip-permission.to-port=22', 'groups with a rule for port 22'],
    ["-F 'group-name=web*' | awk -F'\\t' '/^GROUP/ { print $2 }'", 'the ids of some groups'],
  ],
  changes: false,
  headers: [['GROUP', 'Id', 'Owner', 'Name', 'Description', 'VpcID']],
  parametersOf: (given) => ({
    Action: 'DescribeSecurityGroups',
    ...listed('GroupId', given.operands.filter(isGroupId)),
    ...listed(
      'GroupName',
      given.operands.filter((group) => !isGroupId(group)),
    ),
    ...filterParameters(given.many('--filter')),
  }),
  rowsOf: (answer, given) => answer.items('securityGroupInfo').flatMap((group) => groupRows(group, given)),
};

/** The last field is the VPC's id; there is none to tell apart, so it stays empty as in EC2-Classic. */
function groupRows(group: XmlElement, given: Given): readonly Row[] {
  const [id, owner, groupName] = [group.text('groupId'), group.text('ownerId'), group.text('groupName')];
  const rowsOf = (set: string, direction: Direction): readonly Row[] =>
    group
      .items(set)
      .flatMap((element) => permissionRows({ owner, groupName }, direction, permissionFrom(element)));
  return [
    ['GROUP', id, owner, groupName, group.text('groupDescription'), undefined],
    ...rowsOf('ipPermissions', 'ingress'),
    ...rowsOf('ipPermissionsEgress', 'egress'),
    ...tagRows(group, 'security-group', id, given),
  ];
}

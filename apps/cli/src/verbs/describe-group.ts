import type { Given } from '../flags.js';
import { groupsParameters } from '../parameters.js';
import { permissionFrom, permissionRows } from '../permissions/permission-rows.js';
import type { Direction } from '../permissions/permission.js';
import type { Row } from '../rows.js';
import type { Verb } from '../verb.js';
import type { XmlElement } from '../connection/xml-element.js';
import { tagRows } from '../tag-rows.js';
import { FILTER_FLAG, filterParameters } from '../filters.js';

export const describeGroup: Verb = {
  summary: 'Lists security groups and their permissions.',
  operands: '[group...]',
  completes: 'group',
  flags: [FILTER_FLAG],
  examples: [
    ['', 'every group of the account'],
    ['Apache MySQL', 'two of them, by name; ids will do as well'],
    ['-F ip-permission.to-port=80 --headers', 'groups with a rule for port 80, below titles'],
    ["-F 'group-name=A*' | awk '/^GROUP/ { print $2 }'", 'the ids of some groups'],
  ],
  changes: false,
  looksBack: true,
  headers: [['GROUP', 'Id', 'Owner', 'Name', 'Description', 'VpcID']],
  parametersOf: (given) => ({
    Action: 'DescribeSecurityGroups',
    ...groupsParameters(given.operands),
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

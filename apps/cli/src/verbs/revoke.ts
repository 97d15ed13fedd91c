import { permissionFrom, permissionFromRule, permissionRows } from '../permissions/permission-rows.js';
import type { XmlElement } from '../connection/xml-element.js';
import type { Verb } from '../verb.js';
import { echoRows, PERMISSION_FLAGS, permissionRequest, permissionsFrom } from './permission-verb.js';

export const revoke: Verb = {
  summary: 'Takes permissions from a security group. Connections that only they allowed end at once.',
  operands: '<group>',
  completes: 'group',
  flags: PERMISSION_FLAGS,
  examples: [
    ['Apache -p 443', 'not everyone may reach port 443 of the instances in Apache any more'],
    ['MySQL -p 22 -o Apache --wait 5', 'and return once every host enforces it, 5 s at most'],
    ['Apache --egress -P all', 'instances in Apache may no longer send whatever they like'],
  ],
  changes: true,
  parametersOf: (given) => permissionRequest('Revoke', given),
  rowsOf: (answer, given) =>
    echoRows(
      given,
      unknownIn(answer).length === 0
        ? permissionsFrom(given)
        : answer.items('revokedSecurityGroupRuleSet').map(permissionFromRule),
    ),
  remarksOn: (answer) =>
    unknownIn(answer).map((element) => `the group has no such permission: ${described(element)}`),
};

/** EC2 does not refuse to revoke what is not there; it says so in the answer. */
const unknownIn = (answer: XmlElement): readonly XmlElement[] => answer.items('unknownIpPermissionSet');

/** `tcp 22 22 FROM CIDR 0.0.0.0/0`, without the group, as the reader has just named it. */
const described = (element: XmlElement): string =>
  permissionRows({ owner: undefined, groupName: undefined }, 'ingress', permissionFrom(element))
    .map((row) => row.slice(4, -1).filter(Boolean).join(' '))
    .join(', ');

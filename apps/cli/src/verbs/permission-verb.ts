import type { Given } from '../flags.js';
import { groupParameter, isGroupId } from '../parameters.js';
import { PEER_FLAGS, peersFrom } from '../permissions/peer-flags.js';
import { permissionRows } from '../permissions/permission-rows.js';
import { permissionParameters, type Direction, type Permission } from '../permissions/permission.js';
import { TRAFFIC_FLAGS, trafficFrom } from '../permissions/traffic-flags.js';
import type { Row } from '../rows.js';
import type { Flag } from '../flags.js';
import type { Parameters } from '../verb.js';

/** What authorize and revoke have in common: all but the word. */
export const PERMISSION_FLAGS: readonly Flag[] = [
  ...TRAFFIC_FLAGS,
  ...PEER_FLAGS,
  {
    flags: '--egress',
    says: 'a permission for what instances of the group send, rather than for what they get',
  },
];

export function permissionsFrom(given: Given): readonly Permission[] {
  const peers = peersFrom(given);
  return trafficFrom(given).map((traffic) => ({ traffic, peers }));
}

export const directionOf = (given: Given): Direction => (given.has('--egress') ? 'egress' : 'ingress');

export const permissionRequest = (action: 'Authorize' | 'Revoke', given: Given): Parameters => ({
  Action: `${action}SecurityGroup${given.has('--egress') ? 'Egress' : 'Ingress'}`,
  ...groupParameter(groupIn(given)),
  ...permissionParameters(permissionsFrom(given)),
});

/** The group as it was typed, then the permissions: classic tools repeat the request and know no more of the group. */
export function echoRows(given: Given, permissions: readonly Permission[]): readonly Row[] {
  const group = groupIn(given);
  const [id, groupName] = isGroupId(group) ? [group, undefined] : [undefined, group];
  return [
    ['GROUP', id, undefined, groupName, undefined, undefined],
    ...permissions.flatMap((permission) =>
      permissionRows({ owner: undefined, groupName }, directionOf(given), permission),
    ),
  ];
}

const groupIn = ({ operands: [group = ''] }: Given): string => group;

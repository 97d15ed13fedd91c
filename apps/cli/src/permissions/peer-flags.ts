import type { Flag, Given } from '../flags.js';
import { isGroupId } from '../parameters.js';
import { UsageError } from '../usage-error.js';
import type { Peer } from './permission.js';

export const PEER_FLAGS: readonly Flag[] = [
  {
    flags: '-s, --cidr <cidr>',
    says: 'addresses, IPv4 or IPv6; 0.0.0.0/0 unless -s or -o is given',
    formerly: ['--source-subnet'],
    repeatable: true,
  },
  {
    flags: '-o, --source-or-dest-group <group>',
    says: 'the instances of a group, by name or id',
    formerly: ['--source-group'],
    repeatable: true,
    completes: 'group',
  },
  {
    flags: '-u, --source-or-dest-group-user <owner>',
    says: 'the account that owns the -o group, one for each -o; your own unless given',
    formerly: ['--source-group-user'],
    repeatable: true,
  },
];

export function peersFrom(given: Given): readonly Peer[] {
  const cidrs = given.many('--cidr');
  const groups = groupPeersFrom(given);
  const everywhere = cidrs.length + groups.length === 0 ? ['0.0.0.0/0'] : cidrs;
  return [...everywhere.map((cidr): Peer => ({ kind: 'cidr', cidr })), ...groups];
}

/** The first owner belongs to the first group, and so on. */
function groupPeersFrom(given: Given): readonly Peer[] {
  const groups = given.many('--source-or-dest-group');
  const owners = given.many('--source-or-dest-group-user');
  if (owners.length > 0 && owners.length !== groups.length)
    throw new UsageError(
      `--source-or-dest-group-user '${owners.join(' ')}' does not match -o '${groups.join(' ')}': give one -u for each -o, or no -u for groups of your own`,
    );
  return groups.map((group, index) => ({
    kind: 'group',
    owner: owners[index],
    name: isGroupId(group) ? undefined : group,
    id: isGroupId(group) ? group : undefined,
  }));
}

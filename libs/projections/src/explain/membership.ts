import type { GroupId, IpAddress, Policy } from '#libs/domain';
import type { Directory } from '../directory/directory.js';
import type { InstanceView } from '../directory/views.js';

// Made once: an index is kept for each. What has ended has left the network.
const addressesOf = ({ instance, terminatedAt }: InstanceView): readonly string[] =>
  terminatedAt === undefined ? instance.addresses : [];
const groupsOf = ({ instance, terminatedAt }: InstanceView): readonly string[] =>
  terminatedAt === undefined ? instance.groupIds : [];

/** The running instance, of whichever account, that has the address. */
export const instanceAt = (directory: Directory, address: IpAddress): InstanceView | undefined =>
  directory.instances.allHaving(addressesOf, address).find(() => true);

/** The running instances, of whichever account, that wear the group. */
export const membersOf = (directory: Directory, groupId: GroupId): IteratorObject<InstanceView> =>
  directory.instances.allHaving(groupsOf, groupId);

export const countMembers = (directory: Directory, groupId: GroupId): number =>
  directory.instances.countHaving(groupsOf, groupId);

/** What packets are judged by, as the directory has it. */
export const policyIn = (directory: Directory): Policy => ({
  groupsAt: (address) => instanceAt(directory, address)?.instance.groupIds,
  rulesOf: (groupId) => (directory.groups.get(groupId)?.rules.values() ?? []).map(({ rule }) => rule),
  blocksOf: (prefixListId) => directory.prefixLists.get(prefixListId)?.entries.keys() ?? [],
});

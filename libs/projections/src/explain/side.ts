import {
  cidrContains,
  type Cidr,
  type Direction,
  type Flow,
  type GroupId,
  type IpAddress,
  type Peer,
} from '#libs/domain';
import type { Directory } from '../directory/directory.js';
import type { GroupView, InstanceView } from '../directory/views.js';

export interface JudgedEnd {
  readonly address: IpAddress;
  /** None where no instance of ours is: such an end asks for nothing. */
  readonly instance: InstanceView | undefined;
}

/** One end of a packet that an instance is at, as that instance's groups judge it. */
export interface Side {
  readonly direction: Direction;
  readonly own: InstanceView;
  /** The groups that the instance wears. */
  readonly groups: readonly GroupView[];
  readonly other: JudgedEnd;
  readonly flow: Flow;
}

export const groupsOf = (directory: Directory, groupIds: readonly GroupId[]): readonly GroupView[] =>
  groupIds.flatMap((groupId) => directory.groups.get(groupId) ?? []);

/** Whether the end is what a rule means by its peer, and for a prefix list by which of its blocks. */
export function isPeer(
  directory: Directory,
  peer: Peer,
  { address, instance }: JudgedEnd,
): { readonly block?: Cidr } | false {
  switch (peer.kind) {
    case 'cidr':
      return cidrContains(peer.cidr, address) && {};
    case 'group':
      return (instance?.instance.groupIds.includes(peer.groupId) ?? false) && {};
    case 'prefix-list': {
      const blocks = directory.prefixLists.get(peer.prefixListId)?.entries.keys() ?? [];
      const block = Iterator.from(blocks).find((one) => cidrContains(one, address));
      return block !== undefined && { block };
    }
  }
}

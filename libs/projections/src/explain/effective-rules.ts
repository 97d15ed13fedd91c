import type { Cidr, GroupId, IpAddress, PrefixListId } from '#libs/domain';
import type { Directory } from '../directory/directory.js';
import type { GroupView, InstanceView, RuleView } from '../directory/views.js';
import { countMembers, membersOf } from './membership.js';
import { groupsOf } from './side.js';

/** One rule that holds for an instance, with the group that it comes by and what its peer stands for. */
export interface EffectiveRule {
  readonly view: RuleView;
  readonly group: GroupView;
  readonly peer: ResolvedPeer;
}

/** A count of all, and not more of them than were asked for. */
export type ResolvedPeer =
  | { readonly kind: 'cidr'; readonly cidr: Cidr }
  | {
      readonly kind: 'group';
      readonly groupId: GroupId;
      readonly instances: number;
      readonly addresses: readonly IpAddress[];
    }
  | {
      readonly kind: 'prefix-list';
      readonly prefixListId: PrefixListId;
      readonly name: string;
      readonly blocks: number;
      readonly cidrs: readonly Cidr[];
    };

/** Every rule of the instance's groups: ingress before egress, then by group. */
export function effectiveRules(
  directory: Directory,
  { instance }: InstanceView,
  mostShown: number,
): readonly EffectiveRule[] {
  const groups = groupsOf(directory, instance.groupIds);
  return (['ingress', 'egress'] as const).flatMap((direction) =>
    groups.flatMap((group) =>
      [...group.rules.values()]
        .filter(({ rule }) => rule.direction === direction)
        .map((view) => ({ view, group, peer: resolved(directory, view, mostShown) })),
    ),
  );
}

function resolved(directory: Directory, { rule: { peer } }: RuleView, mostShown: number): ResolvedPeer {
  switch (peer.kind) {
    case 'cidr':
      return peer;
    case 'group': {
      const { groupId } = peer;
      const addresses = membersOf(directory, groupId)
        .flatMap(({ instance }) => instance.addresses)
        .take(mostShown);
      return {
        kind: 'group',
        groupId,
        instances: countMembers(directory, groupId),
        addresses: [...addresses],
      };
    }
    case 'prefix-list': {
      const { prefixListId } = peer;
      const list = directory.prefixLists.get(prefixListId);
      const { name = '', entries = new Map<Cidr, never>() } = list ?? {};
      const cidrs = [...entries.keys().take(mostShown)];
      return { kind: 'prefix-list', prefixListId, name, blocks: entries.size, cidrs };
    }
  }
}

import type { HostPolicy, PolicyRule } from '#libs/compiler';
import {
  evolve,
  initialCellState,
  type CellState,
  type GroupId,
  type HostId,
  type IpAddress,
  type Peer,
  type RuleId,
} from '#libs/domain';
import type { EventStore } from '#libs/event-store';
import type { NumberedGroup } from '#libs/projections';
import { decodeRecordedEvent } from '#libs/protocol';

/** A cell as its log alone makes it. */
export interface RecomputedCell {
  readonly state: CellState;
  /** The kernel's number of every group there ever was: rules of others may still name one that is gone. */
  readonly numbers: ReadonlyMap<GroupId, number>;
}

/** The slow and obvious way to what should be: everything from the log, nothing from any projection. */
export async function recompute(store: EventStore): Promise<RecomputedCell> {
  const state = initialCellState();
  const numbers = new Map<GroupId, number>();
  for await (const page of store.read(0)) {
    for (const { text } of page) {
      const { event } = decodeRecordedEvent(text);
      evolve(state, event);
      if (event.type === 'GroupCreated') numbers.set(event.groupId, event.number);
    }
  }
  return { state, numbers };
}

/** All that a host must enforce. */
export function hostPolicyOf({ state, numbers }: RecomputedCell, hostId: HostId): HostPolicy {
  const numbered = (groupId: GroupId): NumberedGroup => ({ groupId, number: numbers.get(groupId) ?? 0 });
  const here = [...state.instances.values()].filter((instance) => instance.hostId === hostId);
  const worn = new Set(here.flatMap(({ groupIds }) => groupIds));
  const rules = [...state.rules.values()].filter(({ groupId }) => worn.has(groupId));
  const peersOf = (peer: Peer): readonly PolicyRule['peer'][] => {
    if (peer.kind === 'cidr') return [peer];
    if (peer.kind === 'group') return [{ kind: 'group', ...numbered(peer.groupId) }];
    const blocks = state.prefixLists.get(peer.prefixListId)?.entries.keys() ?? [];
    return [...blocks].map((cidr) => ({ kind: 'cidr', cidr }));
  };
  const named = new Set(rules.flatMap(({ peer }) => (peer.kind === 'group' ? [peer.groupId] : [])));
  return {
    instances: new Map(
      here.map(({ groupIds, ...one }) => [one.instanceId, { ...one, groups: groupIds.map(numbered) }]),
    ),
    rules: new Map(
      rules.flatMap((rule) =>
        peersOf(rule.peer).map((peer, n): [RuleId, PolicyRule] => [
          `${rule.ruleId} ${n}` as RuleId,
          { ...rule, group: numbered(rule.groupId), peer },
        ]),
      ),
    ),
    members: membersOf(named, state, numbered),
  };
}

function membersOf(
  groupIds: ReadonlySet<GroupId>,
  state: CellState,
  numbered: (groupId: GroupId) => NumberedGroup,
): HostPolicy['members'] {
  const members = new Map(
    [...groupIds].map((groupId) => [
      groupId,
      { number: numbered(groupId).number, addresses: new Set<IpAddress>() },
    ]),
  );
  for (const { groupIds: own, addresses } of state.instances.values())
    for (const groupId of own) for (const address of addresses) members.get(groupId)?.addresses.add(address);
  return members;
}

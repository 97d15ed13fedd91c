import type { HostPolicy, PolicyRule } from '#libs/compiler';
import {
  evolve,
  initialCellState,
  type CellState,
  type GroupId,
  type HostId,
  type Peer,
  type RuleId,
} from '#libs/domain';
import type { EventStore } from '#libs/event-store';
import { decodeRecordedEvent } from '#libs/protocol';

/** The slow and obvious way to what should be: everything from the log, nothing from any projection. */
export async function stateOf(store: EventStore): Promise<CellState> {
  const state = initialCellState();
  for await (const page of store.read(0))
    for (const { text } of page) evolve(state, decodeRecordedEvent(text).event);
  return state;
}

/** All that a host must enforce. */
export function hostPolicyOf(state: CellState, hostId: HostId): HostPolicy {
  const numbered = (groupId: GroupId) => ({ groupId, number: state.groups.get(groupId)?.number ?? 0 });
  const here = [...state.instances.values()].filter((instance) => instance.hostId === hostId);
  const worn = new Set(here.flatMap(({ groupIds }) => groupIds));
  const rules = [...state.rules.values()].filter(({ groupId }) => worn.has(groupId));
  const named = new Set(rules.flatMap(({ peer }) => (peer.kind === 'group' ? [peer.groupId] : [])));
  const peersOf = (peer: Peer): readonly PolicyRule['peer'][] => {
    if (peer.kind === 'cidr') return [peer];
    if (peer.kind === 'group') return [{ kind: 'group', ...numbered(peer.groupId) }];
    const blocks = state.prefixLists.get(peer.prefixListId)?.entries.keys() ?? [];
    return [...blocks].map((cidr) => ({ kind: 'cidr', cidr }));
  };
  const membersOf = (groupId: GroupId) =>
    [...state.instances.values()].filter(({ groupIds }) => groupIds.includes(groupId));
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
    members: new Map(
      [...named].map((groupId) => [
        groupId,
        {
          number: numbered(groupId).number,
          addresses: new Set(membersOf(groupId).flatMap(({ addresses }) => addresses)),
        },
      ]),
    ),
  };
}

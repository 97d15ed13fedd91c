import type { HostPolicy, PolicyRule } from '#libs/compiler';
import { evolve, initialCellState, type CellState, type GroupId, type HostId } from '#libs/domain';
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
  const membersOf = (groupId: GroupId) =>
    [...state.instances.values()].filter(({ groupIds }) => groupIds.includes(groupId));
  return {
    instances: new Map(
      here.map(({ groupIds, ...one }) => [one.instanceId, { ...one, groups: groupIds.map(numbered) }]),
    ),
    rules: new Map(
      rules.map(({ groupId, peer, ...rule }): [typeof rule.ruleId, PolicyRule] => [
        rule.ruleId,
        {
          ...rule,
          group: numbered(groupId),
          peer: peer.kind === 'cidr' ? peer : { kind: 'group', ...numbered(peer.groupId) },
        },
      ]),
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

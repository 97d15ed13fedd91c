import type { Event } from '../cell/messages.js';
import type { CellState } from '../cell/state.js';
import type { Cidr } from '../values/cidr.js';
import type { GroupId, InstanceId, PrefixListId, RuleId } from '../values/ids.js';
import type { IpAddress } from '../values/ip-address.js';
import { permissionKey, type Permission, type Rule } from '../values/rule.js';
import { permissionCovers } from './covers.js';

/** What becomes possible, or no longer is. */
export interface PermissionChange extends Permission {
  /** Narrower permissions inside it for which nothing changes: open before, or still open. */
  readonly except: readonly Permission[];
}

export interface NamedGroup {
  readonly groupId: GroupId;
  readonly name: string;
}

/** What changes for the instances that wear just these groups. */
export interface InstancesEffect {
  readonly groups: readonly NamedGroup[];
  readonly instanceIds: readonly InstanceId[];
  readonly opened: readonly PermissionChange[];
  readonly closed: readonly PermissionChange[];
}

/** What a group or a prefix list that is opened or closed to stands for just now. */
export type PeerMeaning =
  | (NamedGroup & { readonly addresses: readonly IpAddress[] })
  | { readonly prefixListId: PrefixListId; readonly name: string; readonly blocks: readonly Cidr[] };

/** What events would change for what runs. */
export interface Effect {
  readonly instances: readonly InstancesEffect[];
  readonly peers: readonly PeerMeaning[];
  /** Groups whose rules change and which no instance wears. */
  readonly withoutInstances: readonly NamedGroup[];
}

type Rules = ReadonlyMap<RuleId, Rule>;

interface Wearers {
  readonly groupIds: readonly GroupId[];
  readonly instanceIds: readonly InstanceId[];
}

/** Events that change what runs, or what rules stand for, and not the rules. */
const BEYOND: ReadonlySet<Event['type']> = new Set([
  'InstanceLaunched',
  'InstanceTerminated',
  'PrefixListModified',
]);

/**
 * What these events of rules and groups, none of which has happened yet, would change for the instances of a cell. A
 * rule that permits nothing that another rule of the same instance does not permit too opens and closes nothing. Undefined for
 * events of instances and of prefix lists' entries, of which it can't tell.
 */
export function effectOf(events: readonly Event[], state: CellState): Effect | undefined {
  if (events.some(({ type }) => BEYOND.has(type))) return undefined;
  const after = rulesAfter(events, state);
  const names = new Map(
    events.flatMap((event) => (event.type === 'GroupCreated' ? [[event.groupId, event.name]] : [])),
  );
  const named = (groupId: GroupId): NamedGroup => ({
    groupId,
    name: state.groups.get(groupId)?.name ?? names.get(groupId) ?? '',
  });
  const instances = wearersOf(after.keys(), state)
    .map(({ groupIds, instanceIds }) => ({
      groups: groupIds.map(named),
      instanceIds,
      ...differenceFor(groupIds, after, state),
    }))
    .filter(({ opened, closed }) => opened.length + closed.length > 0);
  const isWorn = (groupId: GroupId): boolean => (state.groups.get(groupId)?.instanceIds.size ?? 0) > 0;
  return {
    instances,
    peers: meaningsOf(instances, state, named),
    withoutInstances: [...after.keys()].filter((groupId) => !isWorn(groupId)).map(named),
  };
}

/** The rules of the groups that the events change, as they would be. */
function rulesAfter(events: readonly Event[], state: CellState): ReadonlyMap<GroupId, Rules> {
  const after = new Map<GroupId, Map<RuleId, Rule>>();
  const rulesOf = (groupId: GroupId): Map<RuleId, Rule> =>
    after.getOrInsertComputed(
      groupId,
      () => new Map(Iterator.from(state.groups.get(groupId)?.rules ?? []).map((rule) => [rule.ruleId, rule])),
    );
  for (const event of events) {
    if (event.type === 'RuleAuthorized' || event.type === 'RuleModified')
      rulesOf(event.rule.groupId).set(event.rule.ruleId, event.rule);
    if (event.type === 'RuleRevoked') rulesOf(event.rule.groupId).delete(event.rule.ruleId);
    if (event.type === 'GroupDeleted') after.delete(event.groupId);
  }
  return after;
}

/** The instances that wear any of the groups, those with the same groups together. */
function wearersOf(groupIds: Iterable<GroupId>, state: CellState): readonly Wearers[] {
  const wearers = new Map<
    string,
    { readonly groupIds: readonly GroupId[]; readonly instanceIds: InstanceId[] }
  >();
  const seen = new Set<InstanceId>();
  for (const groupId of groupIds)
    for (const instanceId of state.groups.get(groupId)?.instanceIds.keys() ?? []) {
      const instance = state.instances.get(instanceId);
      if (!instance || seen.has(instanceId)) continue;
      seen.add(instanceId);
      const worn = instance.groupIds.toSorted();
      const same = wearers.getOrInsertComputed(worn.join(), () => ({ groupIds: worn, instanceIds: [] }));
      same.instanceIds.push(instanceId);
    }
  return [...wearers.values()];
}

function differenceFor(
  groupIds: readonly GroupId[],
  rulesAfterwards: ReadonlyMap<GroupId, Rules>,
  state: CellState,
): Pick<InstancesEffect, 'opened' | 'closed'> {
  const rulesNow = (groupId: GroupId): Iterable<Rule> => state.groups.get(groupId)?.rules ?? [];
  const before = permissionsOf(groupIds.flatMap((groupId) => [...rulesNow(groupId)]));
  const after = permissionsOf(
    groupIds.flatMap((groupId) => [...(rulesAfterwards.get(groupId)?.values() ?? rulesNow(groupId))]),
  );
  return { opened: beyond(after, before), closed: beyond(before, after) };
}

const permissionsOf = (rules: readonly Rule[]): ReadonlyMap<string, Permission> =>
  new Map(
    rules.map(({ direction, traffic, peer }) => {
      const permission = { direction, traffic, peer };
      return [permissionKey(permission), permission];
    }),
  );

/** What one set of permissions allows and no single one of the other covers. */
function beyond(
  wanted: ReadonlyMap<string, Permission>,
  base: ReadonlyMap<string, Permission>,
): readonly PermissionChange[] {
  const others = [...base.values()];
  return [...wanted]
    .filter(([key, permission]) => !base.has(key) && !others.some((one) => permissionCovers(one, permission)))
    .map(([, permission]) => ({
      ...permission,
      except: others.filter((one) => permissionCovers(permission, one)),
    }));
}

/** Of the groups and prefix lists that permissions name, each once. */
function meaningsOf(
  instances: readonly InstancesEffect[],
  state: CellState,
  named: (groupId: GroupId) => NamedGroup,
): readonly PeerMeaning[] {
  const changes = instances.flatMap(({ opened, closed }) => [...opened, ...closed]);
  const groupIds = new Set(changes.flatMap(({ peer }) => (peer.kind === 'group' ? [peer.groupId] : [])));
  const listIds = new Set(
    changes.flatMap(({ peer }) => (peer.kind === 'prefix-list' ? [peer.prefixListId] : [])),
  );
  const addressesOf = (groupId: GroupId): readonly IpAddress[] =>
    [...(state.groups.get(groupId)?.instanceIds.keys() ?? [])].flatMap(
      (instanceId) => state.instances.get(instanceId)?.addresses ?? [],
    );
  return [
    ...[...groupIds].map((groupId) => ({ ...named(groupId), addresses: addressesOf(groupId) })),
    ...[...listIds].map((prefixListId) => {
      const { name = '', entries } = state.prefixLists.get(prefixListId) ?? {};
      return { prefixListId, name, blocks: [...(entries?.keys() ?? [])] };
    }),
  ];
}

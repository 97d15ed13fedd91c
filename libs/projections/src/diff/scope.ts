import {
  permissionKey,
  type AccountId,
  type Cidr,
  type GroupId,
  type InstanceId,
  type LogPosition,
  type PrefixListId,
  type Rule,
  type RuleId,
} from '#libs/domain';
import type { Listing } from '../directory/collection.js';
import type { Directory } from '../directory/directory.js';
import type { GroupView, InstanceView, PrefixListView, RuleView } from '../directory/views.js';
import { membersOf } from '../explain/membership.js';
import { groupsOf } from '../explain/side.js';

/** What of an account is compared: all of it, or what one group or one instance has to do with. */
export interface Scope {
  readonly accountId: AccountId;
  readonly only?: GroupId | InstanceId;
}

/** Things that are looked at one after the other, or by their ids; a map, or a listing without a copy. */
export interface Things<Id, Thing> {
  get(id: Id): Thing | undefined;
  values(): IteratorObject<Thing>;
}

/** All that a scope holds at a moment. */
export interface Picture {
  readonly groups: Things<GroupId, GroupView>;
  readonly rules: Things<RuleId, RuleView>;
  /** Running ones. */
  readonly instances: Things<InstanceId, InstanceView>;
  readonly lists: Things<PrefixListId, PrefixListView>;
}

/** What a rule permits, under whichever id. */
export const ruleKey = (rule: Rule): string => `${rule.groupId} ${permissionKey(rule)}`;
export const blockKey = (prefixListId: PrefixListId, cidr: Cidr): string => `${prefixListId} ${cidr}`;

/** What the scope holds at each of two moments: what either of them names counts in both. */
export function picturesOf(
  before: Directory,
  after: Directory,
  { accountId, only }: Scope,
): readonly [Picture, Picture] {
  if (only === undefined) return [wholeOf(before, accountId), wholeOf(after, accountId)];
  const groupIds = ownGroups([before, after], only);
  const named = peersOf([before, after], groupIds);
  const part = (directory: Directory): Picture => partOf(directory, accountId, only, groupIds, named);
  return [part(before), part(after)];
}

const isRunning = ({ terminatedAt }: InstanceView): boolean => terminatedAt === undefined;

function wholeOf(directory: Directory, accountId: AccountId): Picture {
  const own = <Id, Thing extends { readonly accountId: AccountId; readonly position: LogPosition }>(
    listing: Listing<Id, Thing>,
    isThere: (thing: Thing) => boolean = () => true,
  ): Things<Id, Thing> => ({
    get: (id) => {
      const thing = listing.get(id);
      return thing?.accountId === accountId && isThere(thing) ? thing : undefined;
    },
    values: () => listing.of(accountId).filter(isThere),
  });
  const { groups, rules, instances, prefixLists } = directory;
  return {
    groups: own(groups),
    rules: own(rules),
    instances: own(instances, isRunning),
    lists: own(prefixLists),
  };
}

/** Whoever's a group that a rule names is, an account is told of its own things only. */
function partOf(
  directory: Directory,
  accountId: AccountId,
  only: GroupId | InstanceId,
  groupIds: readonly GroupId[],
  named: Named,
): Picture {
  const isOwn = (thing: { readonly accountId: AccountId }): boolean => thing.accountId === accountId;
  const groups = groupsOf(directory, groupIds).filter(isOwn);
  const rules = groups.flatMap((group) => [...group.rules.values()]);
  const instances = instancesFor(directory, only, named.groups).filter(isOwn);
  const lists = named.lists.flatMap((id) => directory.prefixLists.get(id) ?? []).filter(isOwn);
  return {
    groups: new Map(groups.map((group) => [group.groupId, group])),
    rules: new Map(rules.map((view) => [view.rule.ruleId, view])),
    instances: new Map(instances.map((view) => [view.instance.instanceId, view])),
    lists: new Map(lists.map((list) => [list.prefixListId, list])),
  };
}

/** An instance's groups are for life. */
function ownGroups(directories: readonly Directory[], only: GroupId | InstanceId): readonly GroupId[] {
  if (!isInstance(only)) return [only];
  const found = directories.map(({ instances }) => instances.get(only)).find((view) => view !== undefined);
  return found?.instance.groupIds ?? [];
}

const isInstance = (id: GroupId | InstanceId): id is InstanceId => id.startsWith('i-');

interface Named {
  readonly groups: readonly GroupId[];
  readonly lists: readonly PrefixListId[];
}

/** What the rules of these groups name, at any of the moments. */
function peersOf(directories: readonly Directory[], groupIds: readonly GroupId[]): Named {
  const rules = directories.flatMap((directory) =>
    groupsOf(directory, groupIds).flatMap((group) => [...group.rules.values()]),
  );
  const peers = rules.map(({ rule }) => rule.peer);
  return {
    groups: [...new Set(peers.flatMap((peer) => (peer.kind === 'group' ? [peer.groupId] : [])))],
    lists: [...new Set(peers.flatMap((peer) => (peer.kind === 'prefix-list' ? [peer.prefixListId] : [])))],
  };
}

/** The instance, or those in the group; and the members of what is named. */
function instancesFor(
  directory: Directory,
  only: GroupId | InstanceId,
  named: readonly GroupId[],
): readonly InstanceView[] {
  const self = isInstance(only) ? directory.instances.get(only) : undefined;
  const groupIds = isInstance(only) ? named : [only, ...named];
  const members = groupIds.flatMap((groupId) => [...membersOf(directory, groupId)]);
  return self && isRunning(self) ? [self, ...members] : members;
}

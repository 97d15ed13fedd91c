import {
  permissionKey,
  type AccountId,
  type Cidr,
  type GroupId,
  type InstanceId,
  type PrefixListEntry,
  type PrefixListId,
  type Rule,
} from '#libs/domain';
import type { Directory } from '../directory/directory.js';
import type { GroupView, InstanceView, PrefixListView, RuleView } from '../directory/views.js';
import { membersOf } from '../explain/membership.js';
import { groupsOf } from '../explain/side.js';

/** What of an account is compared: all of it, or what one group or one instance has to do with. */
export interface Scope {
  readonly accountId: AccountId;
  readonly only?: GroupId | InstanceId;
}

/** All that a scope holds at a moment, by keys that say what is permitted and not by which rule. */
export interface Picture {
  readonly groups: ReadonlyMap<GroupId, GroupView>;
  /** By group and permission. */
  readonly rules: ReadonlyMap<string, RuleView>;
  /** Running ones. */
  readonly instances: ReadonlyMap<InstanceId, InstanceView>;
  readonly lists: ReadonlyMap<PrefixListId, PrefixListView>;
  /** By list and block. */
  readonly blocks: ReadonlyMap<string, Block>;
}

export interface Block {
  readonly list: PrefixListView;
  readonly entry: PrefixListEntry;
}

export const ruleKey = (rule: Rule): string => `${rule.groupId} ${permissionKey(rule)}`;
export const blockKey = (prefixListId: PrefixListId, cidr: Cidr): string => `${prefixListId} ${cidr}`;

/** What the scope holds at each of two moments: what either of them names counts in both. */
export function picturesOf(directories: readonly [Directory, Directory], scope: Scope): [Picture, Picture] {
  const [before, after] = directories;
  if (scope.only === undefined) return [pictureOf(wholeOf(before, scope)), pictureOf(wholeOf(after, scope))];
  const groupIds = ownGroups(directories, scope.only);
  const named = peersOf(directories, groupIds);
  const partOf = (directory: Directory): Things => ({
    groups: groupsOf(directory, groupIds),
    instances: instancesFor(directory, scope.only as GroupId | InstanceId, named.groups),
    lists: named.lists.flatMap((id) => directory.prefixLists.get(id) ?? []),
  });
  return [before, after].map((one) => pictureOf(ownedIn(partOf(one), scope))) as [Picture, Picture];
}

interface Things {
  readonly groups: readonly GroupView[];
  readonly instances: readonly InstanceView[];
  readonly lists: readonly PrefixListView[];
}

const isRunning = ({ terminatedAt }: InstanceView): boolean => terminatedAt === undefined;

const wholeOf = (directory: Directory, { accountId }: Scope): Things => ({
  groups: [...directory.groups.of(accountId)],
  instances: directory.instances.of(accountId).filter(isRunning).toArray(),
  lists: [...directory.prefixLists.of(accountId)],
});

/** Whoever's a group that a rule names is, an account sees its own things only. */
function ownedIn({ groups, instances, lists }: Things, { accountId }: Scope): Things {
  const isOwn = (thing: { readonly accountId: AccountId }): boolean => thing.accountId === accountId;
  return { groups: groups.filter(isOwn), instances: instances.filter(isOwn), lists: lists.filter(isOwn) };
}

function pictureOf({ groups, instances, lists }: Things): Picture {
  const rules = groups.flatMap(({ rules: all }) => [...all.values()]);
  const blocks = lists.flatMap((list) =>
    [...list.entries.values()].map(
      (entry) => [blockKey(list.prefixListId, entry.cidr), { list, entry }] as const,
    ),
  );
  return {
    groups: new Map(groups.map((group) => [group.groupId, group])),
    rules: new Map(rules.map((view) => [ruleKey(view.rule), view])),
    instances: new Map(instances.map((view) => [view.instance.instanceId, view])),
    lists: new Map(lists.map((list) => [list.prefixListId, list])),
    blocks: new Map(blocks),
  };
}

/** An instance's groups are for life. */
function ownGroups(directories: readonly Directory[], only: GroupId | InstanceId): readonly GroupId[] {
  if (!isInstance(only)) return [only];
  const found = directories.map(({ instances }) => instances.get(only)).find((view) => view !== undefined);
  return found?.instance.groupIds ?? [];
}

const isInstance = (id: GroupId | InstanceId): id is InstanceId => id.startsWith('i-');

/** What the rules of these groups name, at any of the moments. */
function peersOf(
  directories: readonly Directory[],
  groupIds: readonly GroupId[],
): { readonly groups: readonly GroupId[]; readonly lists: readonly PrefixListId[] } {
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
  const members = (isInstance(only) ? named : [only, ...named]).flatMap((groupId) => [
    ...membersOf(directory, groupId),
  ]);
  return [...(self && isRunning(self) ? [self] : []), ...members];
}

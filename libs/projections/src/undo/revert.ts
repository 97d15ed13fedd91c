import {
  permissionKey,
  type Change,
  type Event,
  type GroupDeleted,
  type GroupId,
  type Rule,
  type RuleAuthorized,
  type RuleDescriptionChanged,
  type RuleId,
  type RuleModified,
  type RuleRevoked,
  type TagsChanged,
} from '#libs/domain';
import type { Directory } from '../directory/directory.js';
import { authorizedAgain, createdAgain, impossible, revocation, type NewIds, type Undoing } from './again.js';
import { describedAs, modifiedBack } from './restore.js';

/** Between what a commit did and what there is now. */
interface Scene {
  /** As it was right before the commit. */
  readonly before: Directory;
  readonly now: Directory;
  readonly ids: NewIds;
  /** Groups that came or went with the commit: their rules came and went with them. */
  readonly groups: ReadonlySet<GroupId>;
  /** Rules that came with it. */
  readonly rules: ReadonlySet<RuleId>;
}

/**
 * What undoes the events of one commit, the last first. What is undone already needs nothing; what was changed again
 * since, or can't be made again, makes the whole impossible.
 */
export function changesUndoing(
  events: readonly Event[],
  before: Directory,
  now: Directory,
  ids: NewIds,
): Undoing {
  const groups = new Set(
    events.flatMap((event) =>
      event.type === 'GroupCreated' || event.type === 'GroupDeleted' ? event.groupId : [],
    ),
  );
  const rules = new Set(
    events.flatMap((event) => (event.type === 'RuleAuthorized' ? event.rule.ruleId : [])),
  );
  const changes: Change[] = [];
  for (const event of events.toReversed()) {
    const undoing = undo(event, { before, now, ids, groups, rules });
    if (!undoing.possible) return undoing;
    changes.push(...undoing.changes);
  }
  return { possible: true, changes };
}

const by = (...changes: readonly Change[]): Undoing => ({ possible: true, changes });

function undo(event: Event, scene: Scene): Undoing {
  switch (event.type) {
    case 'RuleAuthorized':
      return scene.groups.has(event.rule.groupId) ? by() : undoAuthorization(event, scene);
    case 'RuleRevoked':
      return scene.groups.has(event.rule.groupId) ? by() : undoRevocation(event, scene);
    case 'RuleModified':
      return undoModification(event, scene);
    case 'RuleDescriptionChanged':
      return undoDescription(event, scene);
    case 'GroupCreated':
      return undoCreation(event.groupId, scene);
    case 'GroupDeleted':
      return undoDeletion(event, scene);
    case 'TagsChanged':
      return scene.groups.has(event.resourceId as GroupId) ? by() : undoTags(event, scene);
    case 'ClientTokenUsed':
      return by();
    case 'PrefixListCreated':
    case 'PrefixListModified':
    case 'PrefixListDeleted':
      return impossible(
        `${event.prefixListId} is a prefix list: it keeps versions of its own, restore one of them`,
      );
    case 'InstanceLaunched':
    case 'InstanceTerminated':
      return impossible(
        `${event.instance.instanceId} is an instance: it is launched and terminated for good`,
      );
    case 'InstanceAttached':
      return impossible(`${event.instanceId} is where its host says that it is`);
    case 'AccountOpened':
    case 'HostEnrolled':
    case 'HostRetired':
    case 'HostTableRepaired':
      return impossible(`${event.type} is nothing that an account did`);
  }
}

const permitsAsBefore = (one: Rule, other: Rule): boolean => permissionKey(one) === permissionKey(other);

function undoAuthorization({ rule, accountId }: RuleAuthorized, { now }: Scene): Undoing {
  const view = now.rules.get(rule.ruleId);
  if (!view) return by();
  if (!permitsAsBefore(view.rule, rule)) return impossible(`${rule.ruleId} was modified since`);
  return by(revocation(accountId, rule.groupId, rule.direction, [rule.ruleId]));
}

function undoRevocation({ rule, accountId }: RuleRevoked, { before, now, ids }: Scene): Undoing {
  const group = now.groups.get(rule.groupId);
  if (!group) return impossible(`group ${rule.groupId} is gone since: restore it first`);
  if ([...group.rules.values()].some((view) => permitsAsBefore(view.rule, rule))) return by();
  const { peer } = rule;
  if (peer.kind === 'group' && peer.accountId === accountId && !now.groups.get(peer.groupId))
    return impossible(`group ${peer.groupId}, which ${rule.ruleId} named, is gone since`);
  const tags = before.tagsOf(rule.ruleId) ?? new Map<string, string>();
  return by(authorizedAgain({ rule, tags, accountId }, rule.groupId, ids));
}

function undoModification({ rule, before: was, accountId }: RuleModified, { now }: Scene): Undoing {
  const view = now.rules.get(rule.ruleId);
  if (!view) return impossible(`${rule.ruleId} is revoked since`);
  if (permitsAsBefore(view.rule, was)) return by();
  if (!permitsAsBefore(view.rule, rule)) return impossible(`${rule.ruleId} was modified again since`);
  return by(modifiedBack({ ...view, rule: was, accountId }, rule));
}

function undoDescription({ ruleId, description }: RuleDescriptionChanged, { before, now }: Scene): Undoing {
  const view = now.rules.get(ruleId);
  if (!view) return impossible(`${ruleId} is revoked since`);
  const was = before.rules.get(ruleId)?.rule.description;
  if (view.rule.description === was) return by();
  if (view.rule.description !== description) return impossible(`${ruleId} was described anew since`);
  return by(describedAs(view, was));
}

/** Rules that came later would go with the group, and nobody asked for that. */
function undoCreation(groupId: GroupId, { now, rules }: Scene): Undoing {
  const group = now.groups.get(groupId);
  if (!group) return by();
  const later = [...group.rules.keys()].find((ruleId) => !rules.has(ruleId));
  if (later)
    return impossible(`group ${groupId} has rules that came since, such as ${later}: revoke them first`);
  return by({ type: 'DeleteGroup', accountId: group.accountId, group: { groupId } });
}

function undoDeletion({ groupId, accountId, name }: GroupDeleted, { before, now, ids }: Scene): Undoing {
  const was = before.groups.get(groupId);
  if (!was) return impossible(`group ${groupId} is not known from before`);
  const other = now.groupNamed(accountId, name);
  if (other) return impossible(`${other.groupId} has the name '${name}' now`);
  return by(...createdAgain(was, ids));
}

function undoTags({ resourceId, set, removed, accountId }: TagsChanged, { before, now }: Scene): Undoing {
  const is = now.tagsOf(resourceId);
  if (!is) return impossible(`${resourceId} is gone since`);
  const was = before.tagsOf(resourceId) ?? new Map<string, string>();
  const moved = [
    ...set.filter(({ key, value }) => is.get(key) !== value),
    ...removed.filter((key) => is.has(key)),
  ];
  if (moved.length > 0) return impossible(`the tags of ${resourceId} were changed again since`);
  const keys = [...set.map(({ key }) => key), ...removed];
  const back = keys.flatMap((key) => (was.has(key) ? { key, value: was.get(key) ?? '' } : []));
  const away = keys.flatMap((key) => (was.has(key) ? [] : { key }));
  return by({ type: 'ChangeTags', accountId, resourceIds: [resourceId], set: back, remove: away });
}

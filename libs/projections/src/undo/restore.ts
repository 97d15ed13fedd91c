import {
  permissionKey,
  type AccountId,
  type Change,
  type ResourceId,
  type RuleId,
  type Tags,
} from '#libs/domain';
import type { GroupView, RuleView } from '../directory/views.js';
import { authorizedAgain, createdAgain, requested, revocation, tagList, type NewIds } from './again.js';

/** What makes a group what it was: its rules with their descriptions and tags, and its own tags. One that is gone comes back under a new id. */
export function changesRestoring(
  then: GroupView,
  now: GroupView | undefined,
  ids: NewIds,
): readonly Change[] {
  if (!now) return createdAgain(then, ids);
  const tags = tagsRestored(now.accountId, now.groupId, then.tags, now.tags);
  return [...rulesRestored(then, now, ids), ...tags];
}

function rulesRestored(then: GroupView, now: GroupView, ids: NewIds): readonly Change[] {
  const { accountId, groupId } = now;
  const had = new Map([...then.rules.values()].map((view) => [permissionKey(view.rule), view]));
  const has = new Map([...now.rules.values()].map((view) => [permissionKey(view.rule), view]));
  const surplus = [...has].flatMap(([key, { rule }]) => (had.has(key) ? [] : rule));
  const closing = (['ingress', 'egress'] as const).flatMap((direction): readonly Change[] => {
    const ruleIds = surplus.filter((rule) => rule.direction === direction).map(({ ruleId }) => ruleId);
    return ruleIds.length > 0 ? [revocation(accountId, groupId, direction, ruleIds)] : [];
  });
  const lacking = [...had].flatMap(([key, view]) => (has.has(key) ? [] : view));
  const both = [...had].flatMap(([key, view]) => [[view, has.get(key)] as const]);
  const described = both.flatMap(([view, is]) => descriptionRestored(view, is));
  const tagged = both.flatMap(([view, is]) =>
    is ? tagsRestored(accountId, is.rule.ruleId, view.tags, is.tags) : [],
  );
  return [...closing, ...lacking.map((view) => authorizedAgain(view, groupId, ids)), ...described, ...tagged];
}

function descriptionRestored({ rule: then }: RuleView, now: RuleView | undefined): readonly Change[] {
  if (!now || now.rule.description === then.description) return [];
  return [describedAs(now, then.description)];
}

export const describedAs = (
  { rule: { ruleId, groupId, direction }, accountId }: RuleView,
  description: string | undefined,
): Change => ({
  type: 'ChangeRuleDescriptions',
  accountId,
  group: { groupId },
  direction,
  rules: [{ ruleId, ...(description === undefined ? {} : { description }) }],
});

/** The rule as it was, under the same id. */
export const modifiedBack = ({ rule, accountId }: RuleView, now: { readonly ruleId: RuleId }): Change => ({
  type: 'ModifyRules',
  accountId,
  group: { groupId: rule.groupId },
  rules: [requested(rule, now.ruleId, rule.groupId)],
});

function tagsRestored(
  accountId: AccountId,
  resourceId: ResourceId,
  then: Tags,
  now: Tags,
): readonly Change[] {
  const set = tagList(then).filter(({ key, value }) => now.get(key) !== value);
  const remove = gone(now, then);
  if (set.length + remove.length === 0) return [];
  return [{ type: 'ChangeTags', accountId, resourceIds: [resourceId], set, remove }];
}

const gone = (now: Tags, then: Tags): readonly { readonly key: string }[] =>
  [...now.keys()].flatMap((key) => (then.has(key) ? [] : { key }));

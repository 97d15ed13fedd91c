import { permissionKey, type Change, type RuleId, type Tags } from '#libs/domain';
import type { GroupView, RuleView } from '../directory/views.js';
import { authorizedAgain, createdAgain, requested, revocation, tagList, type NewIds } from './again.js';

/** What makes a group what it was: its rules, their descriptions, its tags. One that is gone comes back under a new id. */
export function changesRestoring(
  then: GroupView,
  now: GroupView | undefined,
  ids: NewIds,
): readonly Change[] {
  if (!now) return createdAgain(then, ids);
  return [...rulesRestored(then, now, ids), ...tagsRestored(then, now)];
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
  const described = [...had].flatMap(([key, view]) => descriptionRestored(view, has.get(key)));
  return [...closing, ...lacking.map((view) => authorizedAgain(view, groupId, ids)), ...described];
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

function tagsRestored(then: GroupView, { accountId, groupId, tags }: GroupView): readonly Change[] {
  const set = tagList(then.tags).filter(({ key, value }) => tags.get(key) !== value);
  const remove = gone(tags, then.tags);
  if (set.length + remove.length === 0) return [];
  return [{ type: 'ChangeTags', accountId, resourceIds: [groupId], set, remove }];
}

const gone = (now: Tags, then: Tags): readonly { readonly key: string }[] =>
  [...now.keys()].flatMap((key) => (then.has(key) ? [] : { key }));

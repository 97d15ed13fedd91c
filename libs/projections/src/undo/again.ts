import {
  permissionKey,
  type AccountId,
  type AuthorizeRules,
  type Change,
  type CreateGroup,
  type GroupId,
  type RequestedRule,
  type Rule,
  type RuleId,
  type Tag,
  type Tags,
} from '#libs/domain';
import type { GroupView, RuleView } from '../directory/views.js';

/** Ids for what is made anew: chance is the caller's. */
export interface NewIds {
  rule(): RuleId;
  group(): GroupId;
}

/** The changes that undo something, or why that can't be done any more. */
export type Undoing =
  | { readonly possible: true; readonly changes: readonly Change[] }
  | { readonly possible: false; readonly reason: string };

export const impossible = (reason: string): Undoing => ({ possible: false, reason });

export const tagList = (tags: Tags): readonly Tag[] => [...tags].map(([key, value]) => ({ key, value }));

/** The rule as one asks for it. A group that was its own peer is so again, whatever its id is now. */
export function requested(rule: Rule, ruleId: RuleId, now: GroupId): RequestedRule {
  const { traffic, peer, description, groupId } = rule;
  const again = { ruleId, traffic, ...(description === undefined ? {} : { description }) };
  if (peer.kind !== 'group') return { ...again, peer };
  const named = peer.groupId === groupId ? now : peer.groupId;
  return { ...again, peer: { kind: 'group', accountId: peer.accountId, group: { groupId: named } } };
}

/** The rule under a new id, with the tags that it had. */
export const authorizedAgain = (
  { rule, tags, accountId }: Pick<RuleView, 'rule' | 'tags' | 'accountId'>,
  groupId: GroupId,
  ids: NewIds,
): AuthorizeRules => ({
  type: 'AuthorizeRules',
  accountId,
  group: { groupId },
  direction: rule.direction,
  rules: [requested(rule, ids.rule(), groupId)],
  ...(tags.size > 0 ? { tags: tagList(tags) } : {}),
});

/** The group under a new id, with the rules and tags that it had. */
export function createdAgain(group: GroupView, ids: NewIds): readonly Change[] {
  const { accountId, name, description, tags } = group;
  const groupId = ids.group();
  const create: CreateGroup = {
    type: 'CreateGroup',
    accountId,
    groupId,
    name,
    description,
    ruleIds: [ids.rule(), ids.rule()],
    ...(tags.size > 0 ? { tags: tagList(tags) } : {}),
  };
  const had = [...group.rules.values()];
  const isThere = ({ rule, tags: own }: RuleView): boolean =>
    rule.description === undefined && own.size === 0 && EVERYTHING_OUT.includes(permissionKey(rule));
  const kept = new Set(had.filter(isThere).map(({ rule }) => permissionKey(rule)));
  const ruleIds = EVERYTHING_OUT.flatMap((key, index) =>
    kept.has(key) ? [] : (create.ruleIds[index] ?? []),
  );
  const close: readonly Change[] =
    ruleIds.length > 0 ? [revocation(accountId, groupId, 'egress', ruleIds)] : [];
  const open = had.filter((view) => !isThere(view));
  return [create, ...close, ...open.map((view) => authorizedAgain(view, groupId, ids))];
}

/** What a new group has by itself, in the order of its rules' ids. */
const EVERYTHING_OUT = ['0.0.0.0/0', '::/0'].map((cidr) =>
  permissionKey({
    direction: 'egress',
    traffic: { kind: 'all' },
    peer: { kind: 'cidr', cidr: cidr as never },
  }),
);

export const revocation = (
  accountId: AccountId,
  groupId: GroupId,
  direction: Rule['direction'],
  ruleIds: readonly RuleId[],
): Change => ({ type: 'RevokeRules', accountId, group: { groupId }, direction, permissions: [], ruleIds });

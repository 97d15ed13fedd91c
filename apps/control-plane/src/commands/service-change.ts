import { z } from 'zod';
import type { AccountId, Change, ResourceId, RuleId } from '#libs/domain';
import { newId } from './new-ids.js';
import { descriptionOf, namedRule, permissionFrom, rule, type RuleBody } from './service-rule.js';
import { group, parsed, ruleId, tags } from './service-values.js';

const direction = z.enum(['ingress', 'egress']).default('ingress');
const resourceId = parsed(
  (text) => (/^(?:sg|sgr|i|pl)-[0-9a-f]{8,17}$/.test(text) ? (text as ResourceId) : undefined),
  'use the id of a group, rule, instance or prefix list',
);
const rules = z.array(rule).max(1000);

/** A service's command that a change set may hold too. */
export const change = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('CreateGroup'),
    name: z.string(),
    description: z.string(),
    tags: tags.default([]),
  }),
  z.strictObject({ type: z.literal('DeleteGroup'), group }),
  z.strictObject({
    type: z.literal('AuthorizeRules'),
    group,
    direction,
    rules: rules.min(1),
    tags: tags.default([]),
  }),
  z.strictObject({
    type: z.literal('RevokeRules'),
    group,
    direction,
    rules: rules.default([]),
    ruleIds: z.array(ruleId).max(1000).default([]),
  }),
  z.strictObject({ type: z.literal('ModifyRules'), group, rules: z.array(namedRule).min(1).max(1000) }),
  z.strictObject({
    type: z.literal('ChangeRuleDescriptions'),
    group,
    direction,
    rules: z
      .array(z.strictObject({ ruleId, description: z.string().max(255).optional() }))
      .min(1)
      .max(1000),
  }),
  z.strictObject({
    type: z.literal('ChangeTags'),
    resourceIds: z.array(resourceId).min(1).max(1000),
    set: tags.default([]),
    remove: z.array(z.string()).default([]),
  }),
]);

/** The command as one of the account's, with the ids of what it makes. */
export function changeFrom(wish: z.output<typeof change>, accountId: AccountId): Change {
  switch (wish.type) {
    case 'CreateGroup':
      return { ...wish, accountId, groupId: newId('sg'), ruleIds: [newId('sgr'), newId('sgr')] };
    case 'AuthorizeRules': {
      const requested = wish.rules.map((one) => ruleUnder(newId('sgr'), one, accountId));
      return { ...wish, accountId, rules: requested };
    }
    case 'RevokeRules': {
      const { rules: bodies, ...rest } = wish;
      return { ...rest, accountId, permissions: bodies.map((one) => permissionFrom(one, accountId)) };
    }
    case 'ModifyRules': {
      const modified = wish.rules.map((one) => ruleUnder(one.ruleId, one, accountId));
      return { ...wish, accountId, rules: modified };
    }
    case 'ChangeRuleDescriptions': {
      const described = wish.rules.map((one) => ({ ruleId: one.ruleId, ...descriptionOf(one) }));
      return { ...wish, accountId, rules: described };
    }
    case 'ChangeTags':
      return { ...wish, accountId, remove: wish.remove.map((key) => ({ key })) };
    case 'DeleteGroup':
      return { ...wish, accountId };
  }
}

const ruleUnder = (id: RuleId, one: RuleBody, accountId: AccountId) => ({
  ruleId: id,
  ...permissionFrom(one, accountId),
  ...descriptionOf(one),
});

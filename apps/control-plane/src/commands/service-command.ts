import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  parseCidr,
  parseHostId,
  parseInstanceId,
  parseIpAddress,
  parsePrefixListId,
  type AccountId,
  type ClientToken,
  type Command,
  type ResourceId,
  type RuleId,
} from '#libs/domain';
import { newId } from './new-ids.js';
import { descriptionOf, namedRule, permissionFrom, rule, type RuleBody } from './service-rule.js';
import { group, issuesText, parsed, ruleId, tags } from './service-values.js';

const direction = z.enum(['ingress', 'egress']).default('ingress');
const cidr = parsed(parseCidr, 'use a block such as 10.0.0.0/8');
const instanceId = parsed(parseInstanceId, 'use an id such as i-1a2b3c4d');
const prefixListId = parsed(parsePrefixListId, 'use an id such as pl-1a2b3c4d');
const resourceId = parsed(
  (text) => (/^(?:sg|sgr|i|pl)-[0-9a-f]{8,17}$/.test(text) ? (text as ResourceId) : undefined),
  'use the id of a group, rule, instance or prefix list',
);
const rules = z.array(rule).max(1000);
const entry = z.object({ cidr, description: z.string().max(255).optional() });
const clientToken = z.string().min(1).max(64).optional();

const body = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('CreateGroup'),
    name: z.string(),
    description: z.string(),
    tags: tags.default([]),
  }),
  z.object({ type: z.literal('DeleteGroup'), group }),
  z.object({
    type: z.literal('AuthorizeRules'),
    group,
    direction,
    rules: rules.min(1),
    tags: tags.default([]),
  }),
  z.object({
    type: z.literal('RevokeRules'),
    group,
    direction,
    rules: rules.default([]),
    ruleIds: z.array(ruleId).max(1000).default([]),
  }),
  z.object({ type: z.literal('ModifyRules'), group, rules: z.array(namedRule).min(1).max(1000) }),
  z.object({
    type: z.literal('ChangeRuleDescriptions'),
    group,
    direction,
    rules: z
      .array(z.object({ ruleId, description: z.string().max(255).optional() }))
      .min(1)
      .max(1000),
  }),
  z.object({
    type: z.literal('CreatePrefixList'),
    name: z.string(),
    family: z.union([z.literal(4), z.literal(6)]).default(4),
    maxEntries: z.int(),
    entries: z.array(entry).default([]),
    tags: tags.default([]),
    clientToken,
  }),
  z.object({
    type: z.literal('ModifyPrefixList'),
    prefixListId,
    currentVersion: z.int().optional(),
    name: z.string().optional(),
    maxEntries: z.int().optional(),
    add: z.array(entry).default([]),
    remove: z.array(cidr).default([]),
  }),
  z.object({ type: z.literal('DeletePrefixList'), prefixListId }),
  z.object({
    type: z.literal('ChangeTags'),
    resourceIds: z.array(resourceId).min(1).max(1000),
    set: tags.default([]),
    remove: z.array(z.string()).default([]),
  }),
  z.object({
    type: z.literal('LaunchInstances'),
    groups: z.array(group).default([]),
    count: z.int().min(1).max(1000).default(1),
    host: parsed(parseHostId, 'use the name of a host').optional(),
    address: parsed(parseIpAddress, 'use an IP address').optional(),
    imageId: z.string().default('ami-rampart'),
    instanceType: z.string().default('rampart'),
    tags: tags.default([]),
    clientToken,
  }),
  z.object({ type: z.literal('TerminateInstances'), instanceIds: z.array(instanceId).min(1) }),
]);
type Wish = z.output<typeof body>;

/** What a service may add to any command: seconds to wait until every host concerned enforces it. */
const waiting = z.object({ wait: z.number().min(0).max(60).default(0) });

export type ServiceCommand =
  | { readonly understood: true; readonly command: Command; readonly waitMilliseconds: number }
  | { readonly understood: false; readonly message: string };

/** A service's JSON as a command of the account whose subject it came by. */
export function parseServiceCommand(json: unknown, accountId: AccountId): ServiceCommand {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return {
      understood: false,
      message: 'the command: send a JSON object such as {"type": "DeleteGroup", "group": "web"}',
    };
  const [wish, wait] = [body.safeParse(json), waiting.safeParse(json)];
  const issues = [...(wish.error?.issues ?? []), ...(wait.error?.issues ?? [])];
  if (!wish.success || !wait.success)
    return { understood: false, message: issuesText(issues, 'the command') };
  return {
    understood: true,
    command: commandFrom(wish.data, accountId),
    waitMilliseconds: wait.data.wait * 1000,
  };
}

function commandFrom(wish: Wish, accountId: AccountId): Command {
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
    case 'CreatePrefixList': {
      const { entries, clientToken: token, ...rest } = wish;
      const made = { accountId, prefixListId: newId<'PrefixListId'>('pl') };
      return { ...rest, ...made, entries: entries.map(entryFrom), ...tokenFrom(token, wish) };
    }
    case 'ModifyPrefixList': {
      const { type, add, remove, currentVersion, name, maxEntries } = wish;
      return {
        type,
        accountId,
        prefixListId: wish.prefixListId,
        ...(currentVersion === undefined ? {} : { currentVersion }),
        ...(name === undefined ? {} : { name }),
        ...(maxEntries === undefined ? {} : { maxEntries }),
        add: add.map(entryFrom),
        remove,
      };
    }
    case 'ChangeTags':
      return { ...wish, accountId, remove: wish.remove.map((key) => ({ key })) };
    case 'LaunchInstances':
      return launchFrom(wish, accountId);
    case 'DeleteGroup':
    case 'DeletePrefixList':
    case 'TerminateInstances':
      return { ...wish, accountId };
  }
}

const ruleUnder = (id: RuleId, one: RuleBody, accountId: AccountId) => ({
  ruleId: id,
  ...permissionFrom(one, accountId),
  ...descriptionOf(one),
});

const entryFrom = (one: z.output<typeof entry>) => ({ cidr: one.cidr, ...descriptionOf(one) });

function launchFrom(wish: Extract<Wish, { type: 'LaunchInstances' }>, accountId: AccountId): Command {
  const { type, groups, count, host, address, imageId, instanceType, clientToken: token } = wish;
  return {
    type,
    accountId,
    reservationId: newId('r'),
    instanceIds: Array.from({ length: count }, () => newId<'InstanceId'>('i')),
    atLeast: count,
    groups,
    imageId,
    instanceType,
    tags: wish.tags,
    ...(host ? { hostId: host } : {}),
    ...(address ? { address } : {}),
    ...tokenFrom(token, wish),
  };
}

/** All else that was asked must be the same when the token comes again. */
function tokenFrom(token: string | undefined, wish: Wish): { readonly clientToken?: ClientToken } {
  if (token === undefined) return {};
  const parameters = createHash('sha256').update(JSON.stringify(wish)).digest('hex');
  return { clientToken: { token, parameters } };
}

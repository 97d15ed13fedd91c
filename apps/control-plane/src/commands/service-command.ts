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
} from '#libs/domain';
import { newId } from './new-ids.js';
import { change, changeFrom } from './service-change.js';
import { descriptionOf } from './service-rule.js';
import { checked } from './checked.js';
import { group, parsed, tags, wholeNumber } from './service-values.js';

const cidr = parsed(parseCidr, 'use a block such as 10.0.0.0/8');
const instanceId = parsed(parseInstanceId, 'use an id such as i-1a2b3c4d');
const prefixListId = parsed(parsePrefixListId, 'use an id such as pl-1a2b3c4d');
const entry = z.strictObject({ cidr, description: z.string().max(255).optional() });
const clientToken = z.string().min(1).max(64).optional();

const WAIT = 'use 0 to 60 seconds';
/** What a service may add to any command. */
const options = z.strictObject({
  /** Seconds, until every host concerned enforces it. */
  wait: z.number(WAIT).min(0, WAIT).max(60, WAIT).default(0),
  /** Only say what it would lead to. */
  dryRun: z.boolean().default(false),
});

const together = {
  changes: z.array(change).min(1, 'give 1 to 1000').max(1000, 'give 1 to 1000'),
  expected: z.int().min(0).optional(),
};
/** A change set without its type, where nothing else can be meant. */
export const changeSet = z.strictObject({ ...together, ...options.shape });

const body = z.discriminatedUnion('type', [
  change,
  z.strictObject({ type: z.literal('ApplyChangeSet'), ...together }),
  z.strictObject({
    type: z.literal('CreatePrefixList'),
    name: z.string(),
    family: z.union([z.literal(4), z.literal(6)], 'use 4 or 6').default(4),
    maxEntries: z.int(),
    entries: z.array(entry).default([]),
    tags: tags.default([]),
    clientToken,
  }),
  z.strictObject({
    type: z.literal('ModifyPrefixList'),
    prefixListId,
    currentVersion: z.int().optional(),
    name: z.string().optional(),
    maxEntries: z.int().optional(),
    add: z.array(entry).default([]),
    remove: z.array(cidr).default([]),
  }),
  z.strictObject({ type: z.literal('DeletePrefixList'), prefixListId }),
  z.strictObject({
    type: z.literal('LaunchInstances'),
    groups: z.array(group).default([]),
    count: wholeNumber(1, 1000).default(1),
    host: parsed(parseHostId, 'use the name of a host').optional(),
    address: parsed(parseIpAddress, 'use an IP address').optional(),
    imageId: z.string().default('ami-rampart'),
    instanceType: z.string().default('rampart'),
    tags: tags.default([]),
    clientToken,
  }),
  z.strictObject({ type: z.literal('TerminateInstances'), instanceIds: z.array(instanceId).min(1) }),
]);
type Wish = z.output<typeof body>;

export type ServiceCommand =
  | {
      readonly understood: true;
      readonly command: Command;
      readonly waitMilliseconds: number;
      readonly isDryRun: boolean;
    }
  | { readonly understood: false; readonly message: string };

/** A service's JSON as a command of the account whose subject it came by. */
export function parseServiceCommand(json: unknown, accountId: AccountId): ServiceCommand {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return {
      understood: false,
      message: 'the command: send a JSON object such as {"type": "DeleteGroup", "group": "web"}',
    };
  const { wait, dryRun, ...rest } = json as Readonly<Record<string, unknown>>;
  const wish = checked(body, rest, { whole: 'the command', also: Object.keys(options.shape) });
  const how = checked(options, { wait, dryRun }, { whole: 'the command' });
  if (wish.complaint !== undefined || how.complaint !== undefined)
    return {
      understood: false,
      message: [wish.complaint, how.complaint].filter((one) => one !== undefined).join('; '),
    };
  return understood(wish.value, how.value, accountId);
}

/** The same of a change set that does not say what it is, where nothing else can be meant. */
export function parseChangeSet(json: unknown, accountId: AccountId): ServiceCommand {
  const { value, complaint } = checked(changeSet, json, { whole: 'the change set' });
  if (complaint !== undefined) return { understood: false, message: complaint };
  const { wait, dryRun, ...rest } = value;
  return understood({ type: 'ApplyChangeSet', ...rest }, { wait, dryRun }, accountId);
}

const understood = (
  wish: Wish,
  { wait, dryRun }: z.output<typeof options>,
  accountId: AccountId,
): ServiceCommand => ({
  understood: true,
  command: commandFrom(wish, accountId),
  waitMilliseconds: wait * 1000,
  isDryRun: dryRun,
});

function commandFrom(wish: Wish, accountId: AccountId): Command {
  switch (wish.type) {
    case 'ApplyChangeSet': {
      const { type, expected } = wish;
      const changes = wish.changes.map((one) => changeFrom(one, accountId));
      return { type, accountId, changes, ...(expected === undefined ? {} : { expected }) };
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
    case 'LaunchInstances':
      return launchFrom(wish, accountId);
    case 'DeletePrefixList':
    case 'TerminateInstances':
      return { ...wish, accountId };
    case 'CreateGroup':
    case 'DeleteGroup':
    case 'AuthorizeRules':
    case 'RevokeRules':
    case 'ModifyRules':
    case 'ChangeRuleDescriptions':
    case 'ChangeTags':
      return changeFrom(wish, accountId);
  }
}

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

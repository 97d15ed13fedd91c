import { z } from 'zod';
import {
  parseAccountId,
  parseCidr,
  parseGroupId,
  parseHostId,
  parseInstanceId,
  parseIpAddress,
  type AccountId,
  type Command,
  type GroupReference,
  type RequestedPermission,
  type Traffic,
} from '#libs/domain';
import { newId } from './new-ids.js';

/** Parses text, or says what was wrong with it. */
const parsed = <T>(parse: (text: string) => T | undefined, fix: string) =>
  z.string().transform((text, context) => {
    const value = parse(text);
    if (value === undefined) context.addIssue(`'${text}' is not understood: ${fix}`);
    return value ?? z.NEVER;
  });

const group = z.string().transform((text): GroupReference => {
  const groupId = parseGroupId(text);
  return groupId ? { groupId } : { groupName: text };
});

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 };
const byte = z.int().min(0).max(255);
const port = z.int().min(0).max(65_535);

const rule = z
  .object({
    protocol: z.union([z.enum(['all', 'tcp', 'udp', 'icmp', 'icmpv6']), byte]),
    from: port.optional(),
    to: port.optional(),
    icmpType: byte.optional(),
    icmpCode: byte.optional(),
    cidr: parsed(parseCidr, 'use a block such as 10.0.0.0/8').optional(),
    group: group.optional(),
    account: parsed(parseAccountId, 'use 12 digits').optional(),
    description: z.string().max(255).optional(),
  })
  .refine(
    ({ cidr, group: peer }) => (cidr === undefined) !== (peer === undefined),
    'give either cidr or group',
  );
type RuleBody = z.output<typeof rule>;

const rules = {
  group,
  direction: z.enum(['ingress', 'egress']).default('ingress'),
  rules: z.array(rule).min(1).max(1000),
};

const body = z.discriminatedUnion('type', [
  z.object({ type: z.literal('CreateGroup'), name: z.string(), description: z.string() }),
  z.object({ type: z.literal('DeleteGroup'), group }),
  z.object({ type: z.literal('AuthorizeRules'), ...rules }),
  z.object({ type: z.literal('RevokeRules'), ...rules }),
  z.object({
    type: z.literal('LaunchInstances'),
    groups: z.array(group).default([]),
    count: z.int().min(1).max(1000).default(1),
    host: parsed(parseHostId, 'use the name of a host').optional(),
    address: parsed(parseIpAddress, 'use an IP address').optional(),
    imageId: z.string().default('ami-rampart'),
    instanceType: z.string().default('rampart'),
  }),
  z.object({
    type: z.literal('TerminateInstances'),
    instanceIds: z.array(parsed(parseInstanceId, 'use an id such as i-1a2b3c4d')).min(1),
  }),
]);

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
  if (!wish.success || !wait.success) {
    const message = issues
      .map(({ path, message: fix }) => `${path.join('.') || 'the command'}: ${fix}`)
      .join('; ');
    return { understood: false, message };
  }
  return {
    understood: true,
    command: commandFrom(wish.data, accountId),
    waitMilliseconds: wait.data.wait * 1000,
  };
}

function commandFrom(wish: z.output<typeof body>, accountId: AccountId): Command {
  switch (wish.type) {
    case 'CreateGroup':
      return { ...wish, accountId, groupId: newId('sg'), ruleIds: [newId('sgr'), newId('sgr')] };
    case 'DeleteGroup':
      return { ...wish, accountId };
    case 'AuthorizeRules': {
      const requested = wish.rules.map(({ description, ...one }) => ({
        ruleId: newId<'RuleId'>('sgr'),
        ...permissionFrom(one, accountId),
        ...(description === undefined ? {} : { description }),
      }));
      return { type: wish.type, accountId, group: wish.group, direction: wish.direction, rules: requested };
    }
    case 'RevokeRules': {
      const permissions = wish.rules.map((one) => permissionFrom(one, accountId));
      return {
        type: wish.type,
        accountId,
        group: wish.group,
        direction: wish.direction,
        permissions,
        ruleIds: [],
      };
    }
    case 'LaunchInstances': {
      const { type, groups, count, host, address, imageId, instanceType } = wish;
      const instanceIds = Array.from({ length: count }, () => newId<'InstanceId'>('i'));
      const where = { ...(host ? { hostId: host } : {}), ...(address ? { address } : {}) };
      const reservationId = newId<'ReservationId'>('r');
      return {
        type,
        accountId,
        reservationId,
        instanceIds,
        atLeast: count,
        groups,
        imageId,
        instanceType,
        ...where,
      };
    }
    case 'TerminateInstances':
      return { ...wish, accountId };
  }
}

function permissionFrom(one: RuleBody, accountId: AccountId): RequestedPermission {
  const traffic = trafficFrom(one);
  if (one.cidr !== undefined) return { traffic, peer: { kind: 'cidr', cidr: one.cidr } };
  if (one.group === undefined) throw new TypeError('a rule without a peer got past its parser');
  return { traffic, peer: { kind: 'group', accountId: one.account ?? accountId, group: one.group } };
}

/** Ports left out mean all of them, as do a type and a code. */
function trafficFrom({ protocol, from, to, icmpType: type, icmpCode: code }: RuleBody): Traffic {
  if (protocol === 'all') return { kind: 'all' };
  const number = typeof protocol === 'number' ? protocol : (PROTOCOLS[protocol] ?? 0);
  if (number === 6 || number === 17) {
    const [low, high] = [from ?? to ?? 0, to ?? from ?? 65_535];
    return { kind: 'ports', protocol: number, from: Math.min(low, high), to: Math.max(low, high) };
  }
  if (number === 1 || number === 58) {
    const narrowed = type === undefined ? {} : { type, ...(code === undefined ? {} : { code }) };
    return { kind: 'icmp', protocol: number, ...narrowed };
  }
  return { kind: 'protocol', protocol: number };
}

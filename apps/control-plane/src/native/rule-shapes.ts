import { z } from 'zod';
import { parseAccountId } from '#libs/domain';
import { parsed } from '../commands/service-values.js';
import { ACTOR, count, logPosition, many, named, says, time } from './shapes.js';

/** What explain, the rules of an instance and diff have in common. */

export const accountText = parsed(parseAccountId, 'use 12 digits').meta(
  says('As that account sees it; an operator may name any'),
);

export const cause = named(
  'Cause',
  'The event by which something is as it is; of one that the index does not have just now, its position only',
  z.object({
    position: logPosition,
    time: time.optional(),
    requestId: z.string().optional(),
    actor: ACTOR.optional(),
  }),
);

export const groupName = named(
  'GroupName',
  'A group; the name of another account’s is that account’s own affair',
  z.object({ groupId: z.string(), name: z.string().optional() }),
);

const icmpByte = z.int().min(0).max(255).optional();
const port = z.int().min(0).max(65_535).optional();
export const traffic = {
  protocol: z.union([z.enum(['all', 'tcp', 'udp', 'icmp', 'icmpv6']), z.int().min(0).max(255)]),
  from: port.meta(says('The first port')),
  to: port.meta(says('The last port')),
  icmpType: icmpByte.meta(says('Any, when absent')),
  icmpCode: icmpByte.meta(says('Any, when absent')),
};

const peerFields = {
  cidr: z.string().optional(),
  groupId: z.string().optional(),
  accountId: z.string().optional().meta(says('The owner of the group')),
  name: z.string().optional().meta(says('Of the group or the prefix list, where it is the account’s own')),
  prefixListId: z.string().optional(),
};
const peer = named('Peer', 'The far end of a rule: a block, a group or a prefix list', z.object(peerFields));

const ruleFields = {
  ruleId: z.string(),
  group: groupName,
  direction: z.enum(['ingress', 'egress']),
  ...traffic,
  peer,
  description: z.string().optional(),
  since: cause.meta(says('What authorized it, or last modified it')),
};
export const groupRule = named('GroupRule', 'One rule of one group', z.object(ruleFields));
export const grant = named(
  'Grant',
  'A rule that lets a packet through',
  z.object({
    ...ruleFields,
    block: z
      .string()
      .optional()
      .meta(says('Of the prefix list that is its peer, the block that the end is in')),
  }),
);

const resolvedPeer = named(
  'ResolvedPeer',
  'The far end of a rule, and what it stands for: how many, and the first of them',
  z.object({
    ...peerFields,
    instances: count.optional().meta(says('That wear the group')),
    addresses: many(z.string()).optional(),
    blocks: count.optional().meta(says('Of the prefix list')),
    cidrs: many(z.string()).optional(),
  }),
);
const effectiveRule = named(
  'EffectiveRule',
  'A rule that holds for an instance',
  z.object({ ...ruleFields, peer: resolvedPeer }),
);

export const end = named(
  'End',
  'One end of a packet; of another account’s instance, the address only',
  z.object({
    address: z.string(),
    instanceId: z.string().optional(),
    name: z.string().optional().meta(says('Its tag Name')),
    hostId: z.string().optional(),
    groups: many(groupName).optional(),
    since: cause.optional().meta(says('Its launch')),
  }),
);

export const instanceRulesPath = z.object({ instanceId: z.string() });
export const instanceRules = named(
  'InstanceRules',
  'All that holds for an instance, ingress before egress',
  z.object({
    position: logPosition,
    instanceId: z.string(),
    name: z.string().optional(),
    addresses: many(z.string()),
    groups: many(groupName),
    rules: many(effectiveRule),
  }),
);

import { z } from 'zod';
import { changeSet as body } from '../commands/service-command.js';
import { logPosition, many, named, says, waitedChange } from './shapes.js';

export const changeSet = named(
  'ChangeSet',
  'Changes of groups, their rules and tags as one commit, each written as the command of a service',
  body,
);

const permission = z.object({
  direction: z.enum(['ingress', 'egress']),
  traffic: z.record(z.string(), z.unknown()),
  peer: z.record(z.string(), z.unknown()),
});
const permissionChange = named(
  'PermissionChange',
  'What becomes possible or no longer is, except for narrower permissions for which nothing changes',
  permission.extend({ except: many(permission) }),
);
const group = z.object({ groupId: z.string(), name: z.string() });
const effect = named(
  'Effect',
  'What a change set would open and close for what runs',
  z.object({
    instances: many(
      z.object({
        groups: many(group),
        instanceIds: many(z.string()),
        opened: many(permissionChange),
        closed: many(permissionChange),
      }),
    ).meta(says('All that wear the same groups together')),
    peers: many(
      z.union([
        group.extend({ addresses: many(z.string()) }),
        z.object({ prefixListId: z.string(), name: z.string(), blocks: many(z.string()) }),
      ]),
    ).meta(says('What the groups and prefix lists that are named stand for just now')),
    withoutInstances: many(group),
  }),
);

export const appliedChangeSet = named(
  'AppliedChangeSet',
  'What happened, or of a dry run what would',
  z.object({
    accepted: z.literal(true),
    dryRun: z.literal(true).optional(),
    position: logPosition.optional().meta(says('Not of a dry run, as the request id')),
    requestId: z.string().optional(),
    events: many(z.record(z.string(), z.unknown())),
    effect: effect.optional().meta(says('Of a dry run')),
    receipt: waitedChange.optional().meta(says('When it was waited for')),
  }),
);

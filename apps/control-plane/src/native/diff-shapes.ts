import { z } from 'zod';
import { parseInstanceId } from '#libs/domain';
import { parsed } from '../commands/service-values.js';
import { accountText, cause, groupName, groupRule } from './rule-shapes.js';
import { count, digits, logPosition, many, moment, named, says, time } from './shapes.js';

export const diffQuery = z.object({
  from: moment,
  to: moment.optional().meta(says('Now, when absent')),
  group: z.string().optional().meta(says('By its id or name: only what has to do with it')),
  instance: parsed(parseInstanceId, 'use an id such as i-1a2b3c4d').optional(),
  account: accountText.optional(),
  limit: digits(1, 10_000).default(1000).meta(says('How many changes at the most')),
});

const place = named('Moment', 'A place in the log and its time', z.object({ position: logPosition, time }));

const through = z.object({ count, rules: many(groupRule).meta(says('The first ten')) });

const difference = named(
  'DifferenceOfMoments',
  'One thing that is otherwise after',
  z.object({
    kind: z.enum(['rule', 'instance', 'block', 'group', 'prefix-list', 'name', 'description', 'tag']),
    effect: z.enum([
      'opened',
      'closed',
      'launched',
      'terminated',
      'added',
      'removed',
      'created',
      'deleted',
      'changed',
    ]),
    by: cause.optional().meta(says('The event that made it so')),
    resourceId: z.string(),
    name: z.string().optional(),
    rule: groupRule.optional(),
    group: groupName.optional(),
    addresses: many(z.string()).optional().meta(says('Of an instance')),
    groups: many(groupName).optional().meta(says('That the instance wears')),
    cidr: z.string().optional().meta(says('Of a prefix list')),
    through: through
      .optional()
      .meta(says('The rules by which an instance or a block opens or closes something')),
    key: z.string().optional().meta(says('Of a tag')),
    before: z.string().optional(),
    after: z.string().optional(),
  }),
);

export const differences = named(
  'Differences',
  'First what permits, then what there is, then what it is called',
  z.object({
    from: place,
    to: place,
    total: count.meta(says('Of changes, shown or not')),
    changes: many(difference),
  }),
);

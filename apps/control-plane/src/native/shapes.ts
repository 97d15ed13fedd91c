import { z } from 'zod';
import {
  parseAccountId,
  parseGroupId,
  parseHostId,
  parseInstanceId,
  parseIpAddress,
  parsePrefixListId,
  type Event,
} from '#libs/domain';
import { EVENT_VERSIONS } from '#libs/protocol';
import { parsed, ruleId, wholeNumber } from '../commands/service-values.js';

/**
 * What the native API takes and answers: what is asked is checked by these, controllers compile only when they answer
 * so, and `/v1/openapi.json` is made of them. Clients rely on the names: add, don't rename.
 */
export const SHAPES = z.registry<{ id: string }>();

export const named = <Shape extends z.ZodObject>(
  id: string,
  description: string,
  shape: Shape,
): z.ZodReadonly<Shape> => {
  const answer = shape.readonly().meta({ description });
  SHAPES.add(answer, { id });
  return answer;
};
export const many = <Shape extends z.ZodType>(shape: Shape): z.ZodReadonly<z.ZodArray<Shape>> =>
  z.array(shape).readonly();
export const says = (description: string): { readonly description: string } => ({ description });

/** Digits in a path or a query, as a number. */
export const digits = (least: number, most: number): z.ZodType<number, string> => {
  const wrong = `use ${least} to ${most}`;
  return z
    .string(wrong)
    .regex(/^[0-9]{1,16}$/, wrong)
    .transform(Number)
    .pipe(wholeNumber(least, most));
};
const position = digits(0, Number.MAX_SAFE_INTEGER);

export const count = z.int().min(0);
export const logPosition = z.int().min(0).meta(says('A place in the log; its first event has 1'));
export const time = z.iso.datetime();
const milliseconds = z.number().meta(says("From the command's arrival"));
export const hostId = z.string();

export const hostPath = z.object({ host: hostId });
export const changePath = z.object({
  position: position.meta(says('The position of any event of the change')),
});
export const changesQuery = z.object({
  limit: digits(1, 1000).default(20).meta(says('How many at the most')),
});
const seconds = z
  .string('use 0 to 60')
  .regex(/^[0-9]{1,2}(?:\.[0-9]{1,3})?$/, 'use 0 to 60')
  .transform(Number)
  .pipe(z.number().min(0).max(60, 'use 0 to 60'));
export const waitQuery = z.object({
  wait: seconds.default(0).meta(says('Seconds to wait until no host is left to wait for')),
});

export const streamHeaders = z.object({
  'last-event-id': z.string().optional().meta(says('Begins after that event, if it is remembered still')),
});

export const health = named(
  'Health',
  'Commands are taken, and answers take account of the log up to that position',
  z.object({ status: z.literal('ok'), position: logPosition }),
);

const summary = z.object({
  first: logPosition,
  position: logPosition,
  time,
  requestId: z.string(),
  accountId: z.string().optional().meta(says('None where a host or the system itself asked')),
  concerned: count.meta(says('Hosts that the change is for')),
  enforced: count,
  refused: count,
  retired: count.meta(says('Hosts that were retired before they had it')),
  p50: milliseconds,
  p99: milliseconds,
  last: milliseconds,
});
export const change = named('Change', 'A change, and on how many hosts it is enforced', summary);
export const changes = named('Changes', 'The newest first', z.object({ changes: many(change) }));

const missing = { hostId, reason: z.string().optional().meta(says('Why its kernel refuses it')) };
const laggard = named(
  'Laggard',
  'What is known of a host that does not have a change',
  z.object({ ...missing, state: z.enum(['pending', 'lagging', 'refused']) }),
);
const hostOutcome = named(
  'HostOutcome',
  'What is known of a change on one host',
  z.object({
    ...missing,
    state: z.enum(['enforced', 'pending', 'lagging', 'retired', 'refused']),
    milliseconds: milliseconds.optional(),
  }),
);
export const changeByHost = named(
  'ChangeByHost',
  'A change, with each host that it concerns, for as long as that is remembered',
  summary.extend({ hosts: many(hostOutcome).optional() }),
);

export const waitedChange = named(
  'WaitedChange',
  'A change, with the hosts, ten at the most, that do not have it when the wait is over',
  summary.extend({ milliseconds, waitingFor: many(hostId), laggards: many(laggard) }),
);

const host = named(
  'Host',
  'A host, and how far it has come',
  z.object({
    hostId,
    ranges: many(z.string()),
    instances: count,
    enrolledAt: time,
    state: z.enum(['enforced', 'pending', 'lagging', 'degraded', 'unknown']),
    lastReportAt: time.optional(),
    reason: z.string().optional().meta(says('Why its kernel refuses something')),
  }),
);
export const hosts = named('Hosts', 'In the order of their enrolment', z.object({ hosts: many(host) }));
export const retirement = named(
  'Retirement',
  'The host is retired',
  z.object({ position: logPosition, receipt: waitedChange.optional().meta(says('When it was waited for')) }),
);

const difference = named(
  'Difference',
  'A set or chain that does not hold what the log says',
  z.object({ object: z.string(), held: count, expected: count }),
);
export const verification = named(
  'Verification',
  "A host's kernel beside what the log says",
  z.object({
    hostId,
    outcome: z.enum(['same', 'different', 'behind']),
    objects: count,
    size: count,
    differences: many(difference),
  }),
);

export const moment = z
  .string('use a position of the log, a time, or how long ago such as 10m')
  .meta(says('A position, a time (ISO 8601), or how long ago: `90s`, `10m`, `2h`, `3d`, `1w`'));
export const momentQuery = z.object({ at: moment.optional() });
export const ACTOR = z.object({
  kind: z.enum(['account', 'host', 'system']),
  accountId: z.string().optional(),
  accessKeyId: z.string().optional(),
  hostId: z.string().optional(),
  from: z.string().optional().meta(says('The address that the request came from')),
});
/** Types of events, as the log has them. */
const ACTIONS = Object.keys(EVENT_VERSIONS) as readonly Event['type'][];
export const eventsQuery = z.object({
  account: parsed(parseAccountId, 'use 12 digits').optional(),
  group: parsed(parseGroupId, 'use an id such as sg-1a2b3c4d')
    .optional()
    .meta(says('Of the group, its rules, instances in it, and rules that name it')),
  rule: ruleId.optional(),
  instance: parsed(parseInstanceId, 'use an id such as i-1a2b3c4d').optional(),
  address: parsed(parseIpAddress, 'use an IP address').optional().meta(says('Of instances that had it')),
  prefixList: parsed(parsePrefixListId, 'use an id such as pl-1a2b3c4d').optional(),
  host: parsed(parseHostId, 'use the name of a host').optional(),
  key: z.string().optional().meta(says('The access key that asked')),
  action: z.enum(ACTIONS).optional().meta(says('The type of event')),
  request: z.string().optional(),
  since: moment.optional(),
  until: moment.optional(),
  after: position.optional().meta(says('Only events after that position')),
  before: position.optional().meta(says('Only events before that position')),
  order: z
    .enum(['newest', 'oldest'], "use 'newest' or 'oldest'")
    .default('newest')
    .meta(says('Which comes first')),
  limit: digits(1, 1000).default(100).meta(says('How many at the most')),
  wait: seconds.default(0).meta(says('Seconds to wait for the first, where there is none yet')),
});
const enforcement = named(
  'Enforcement',
  'On how many hosts the change is enforced that the event is part of; milliseconds from the command’s arrival',
  summary.pick({
    concerned: true,
    enforced: true,
    refused: true,
    retired: true,
    p50: true,
    p99: true,
    last: true,
  }),
);
const event = named(
  'Event',
  'An event of the log: who, when, by which request, what',
  z.object({
    position: logPosition,
    id: z.string(),
    time,
    action: z.string(),
    text: z.string().meta(says('The same for people, with the names of groups that are there still')),
    actor: ACTOR,
    requestId: z.string(),
    details: z.record(z.string(), z.unknown()).meta(says('The event itself, by its type')),
    enforcement: enforcement.optional(),
  }),
);
export const events = named(
  'Events',
  'In the order asked for',
  z.object({
    events: many(event),
    next: logPosition.optional().meta(says('To go on: `before` or `after` it')),
  }),
);

export const problem = named(
  'Problem',
  'A refusal as RFC 9457 has it; the code is for programs',
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    message: z.string(),
  }),
);

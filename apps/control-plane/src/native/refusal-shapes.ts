import { z } from 'zod';
import { ACTOR, many, named, says, time } from './shapes.js';

const refusal = named(
  'RefusedCommand',
  'A command that would have changed something, and did not',
  z.object({
    time,
    edge: z.enum(['ec2', 'native', 'nats']).meta(says('The way it came')),
    action: z.string(),
    actor: ACTOR.optional().meta(says('Absent when nobody is proved to have asked')),
    claimedKeyId: z.string().optional().meta(says('The access key that it names and is not signed by')),
    from: z.string().optional().meta(says('The address that it came from')),
    requestId: z.string(),
    code: z.string(),
    message: z.string(),
  }),
);
export const refusals = named('Refusals', 'The newest first', z.object({ refusals: many(refusal) }));

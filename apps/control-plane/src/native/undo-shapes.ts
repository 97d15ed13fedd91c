import { z } from 'zod';
import { logPosition, moment, named, says } from './shapes.js';

const how = {
  dryRun: z.boolean().default(false).meta(says('Only say what it would open and close')),
  wait: z.number().min(0).max(60).default(0).meta(says('Seconds, until every host concerned enforces it')),
};

export const reversion = named(
  'Reversion',
  'A change to undo: by the position of any of its events, or by its request',
  z
    .strictObject({ position: logPosition.optional(), request: z.string().optional(), ...how })
    .refine(({ position, request }) => (position === undefined) !== (request === undefined), {
      error: 'give either a position or a request',
      path: ['position'],
    }),
);

export const restoration = named(
  'Restoration',
  'A group to make what it was at a moment',
  z.strictObject({
    group: z.string().meta(says('Its id, or the name that it had then')),
    at: moment,
    ...how,
  }),
);

import { z } from 'zod';
import { logPosition, named, says, time } from './shapes.js';

export const signedHead = named(
  'SignedHead',
  'Where the log ends',
  z.object({
    cell: z.string(),
    position: logPosition,
    hash: z.string().meta(says('SHA-256 of the newest event, in hex')),
    time,
    keyId: z.string(),
    signature: z
      .string()
      .meta(
        says('Ed25519, in base64, of the lines `rampart log head 1`, cell, position, hash, time and keyId'),
      ),
  }),
);

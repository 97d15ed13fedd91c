import { createHash } from 'node:crypto';
import type { ObjectDigest } from './messages.js';

/** Of lines in a fixed order: SHA-256, in hex. */
export const digestOf = (lines: readonly string[]): ObjectDigest => ({
  size: lines.length,
  digest: createHash('sha256').update(lines.join('\n')).digest('hex'),
});

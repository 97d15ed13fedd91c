import type { Flag, Given } from '../flags.js';
import { UsageError } from '../usage-error.js';

/** Of lists that may be long. */
export const LIMIT_FLAG: Flag = { flags: '--limit <number>', says: 'how many, 20 unless it is given' };

/** How many were asked for. */
export function limitIn(given: Given, most: number): number {
  const text = given.one('--limit') ?? '20';
  if (/^[0-9]{1,9}$/.test(text) && Number(text) >= 1 && Number(text) <= most) return Number(text);
  throw new UsageError(`--limit '${text}' is not understood: give a number from 1 to ${most}`);
}

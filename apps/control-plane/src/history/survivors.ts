import type { DatabaseSync } from 'node:sqlite';
import type { LogPosition } from '#libs/domain';
import { numberOf } from './touches.js';

/** Events that are read in one go. */
export const PAGE = 5000;

/**
 * Where the events stand that matter at a position, in order; only those of an account and those of no account, if one
 * is named. Costs what matters there or ended since, from the index alone.
 */
export function survivorsAt(database: DatabaseSync, at: LogPosition, account?: string): Float64Array {
  const ofAccount = account === undefined ? '' : 'AND account IN (0, ?)';
  const select = database.prepare(
    `SELECT position FROM event INDEXED BY event_until WHERE until > ? AND position <= ? ${ofAccount}`,
  );
  select.setReturnArrays(true);
  const rows = select.all(
    at,
    at,
    ...(account === undefined ? [] : [Number(account)]),
  ) as unknown as number[][];
  return Float64Array.from(rows, ([position = 0]) => position).sort();
}

/** The stored texts at these positions. */
export function recordsAt(database: DatabaseSync, positions: Float64Array): readonly string[] {
  const select = database.prepare('SELECT record FROM event WHERE position = ?');
  return Array.from(positions, (position) => String(select.get(position)?.['record']));
}

/** The events that matter at a position and touch all things of at least one of the lists, in order. */
export function survivorsTouching(
  database: DatabaseSync,
  at: LogPosition,
  lists: readonly (readonly string[])[],
): readonly string[] {
  const found = new Map<LogPosition, string>();
  for (const [first, ...rest] of lists) {
    if (first === undefined) continue;
    const also = rest.map(() => 'AND EXISTS (SELECT 1 FROM touch WHERE thing = ? AND position = t.position)');
    const select = database.prepare(`
      SELECT e.position, e.record FROM touch t JOIN event e ON e.position = t.position
      WHERE t.thing = ? AND t.position <= ? AND e.until > ? ${also.join(' ')}`);
    for (const { position, record } of select.iterate(numberOf(first), at, at, ...rest.map(numberOf)))
      found.set(Number(position), String(record));
  }
  return [...found].sort(([one], [other]) => one - other).map(([, record]) => record);
}

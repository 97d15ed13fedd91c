import type { DatabaseSync } from 'node:sqlite';
import type { LogPosition } from '#libs/domain';
import { numberOf } from './touches.js';

/** Which events of the log, and in which order. */
export interface EventQuery {
  /** All of these, as `touchesOf` names them. */
  readonly touching: readonly string[];
  readonly after: LogPosition;
  readonly before: LogPosition;
  readonly order: 'newest first' | 'oldest first';
  readonly limit: number;
}

/** How far the rarest of the things asked for is looked for. */
const COUNTED = 2000;

export function findEvents(database: DatabaseSync, query: EventQuery): readonly string[] {
  const { after, before, limit } = query;
  const direction = query.order === 'newest first' ? 'DESC' : 'ASC';
  const [rarest, ...others] = byRarity(database, query);
  const select =
    rarest === undefined
      ? `SELECT record FROM event e WHERE position > ? AND position < ?`
      : `SELECT record FROM touch t JOIN event e ON e.position = t.position
         WHERE t.position > ? AND t.position < ? AND t.thing = ?`;
  const also = others.map(() => 'AND EXISTS (SELECT 1 FROM touch WHERE thing = ? AND position = t.position)');
  const things = rarest === undefined ? [] : [rarest, ...others];
  return database
    .prepare(`${select} ${also.join(' ')} ORDER BY e.position ${direction} LIMIT ?`)
    .all(after, before, ...things, limit)
    .map(({ record }) => String(record));
}

/** The search goes through the events that touch the rarest thing, and looks for the others there. */
function byRarity(database: DatabaseSync, { touching, after, before }: EventQuery): readonly number[] {
  const things = touching.map(numberOf);
  if (things.length < 2) return things;
  const select = database.prepare(
    `SELECT count(*) AS n FROM (SELECT 1 FROM touch WHERE thing = ? AND position > ? AND position < ? LIMIT ${COUNTED})`,
  );
  const counts = new Map(things.map((thing) => [thing, Number(select.get(thing, after, before)?.['n'])]));
  return things.sort((one, other) => (counts.get(one) ?? 0) - (counts.get(other) ?? 0));
}

/** By halving: moments never fall. */
export function findPosition(database: DatabaseSync, moment: number, end: LogPosition): LogPosition {
  const select = database.prepare('SELECT moment FROM event WHERE position = ?');
  let [low, high] = [0, end];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (Number(select.get(middle)?.['moment']) <= moment) low = middle;
    else high = middle - 1;
  }
  return low;
}

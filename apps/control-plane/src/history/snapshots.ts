import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { LogPosition } from '#libs/domain';
import type { Marks, StoredMarks } from '#libs/projections';
import { PAGE, recordsAt, survivorsAt } from './survivors.js';

/** Where to start from: the events that matter at that position, and what they don't tell. */
export interface StoredSnapshot {
  readonly position: LogPosition;
  readonly marks: StoredMarks;
}

export function saveSnapshot(database: DatabaseSync, position: LogPosition, { stored }: Marks): void {
  const marks = JSON.stringify(stored);
  const { events, digest } = digestOf(database, position, marks);
  database.exec('BEGIN');
  database.exec('DELETE FROM snapshot');
  database.prepare('INSERT INTO snapshot VALUES (?, ?, ?, ?)').run(position, events, digest, marks);
  database.exec('COMMIT');
}

export function readSnapshot(database: DatabaseSync): StoredSnapshot | undefined {
  const row = database.prepare('SELECT position, marks FROM snapshot').get();
  return row && { position: Number(row['position']), marks: JSON.parse(String(row['marks'])) as StoredMarks };
}

/** Whether all that the snapshot stands for is as it was when it was saved; also when there is none yet. */
export function isSound(database: DatabaseSync): boolean {
  const row = database.prepare('SELECT position, events, digest, marks FROM snapshot').get();
  if (!row) return true;
  const { events, digest } = digestOf(database, Number(row['position']), String(row['marks']));
  return events === row['events'] && digest === row['digest'];
}

function digestOf(
  database: DatabaseSync,
  at: LogPosition,
  marks: string,
): { readonly events: number; readonly digest: string } {
  const hash = createHash('sha256').update(marks);
  const positions = survivorsAt(database, at);
  for (let first = 0; first < positions.length; first += PAGE)
    hash.update(recordsAt(database, positions.subarray(first, first + PAGE)).join('\n'));
  return { events: positions.length, digest: hash.digest('hex') };
}

import { existsSync } from 'node:fs';
import { chmod, open, rm } from 'node:fs/promises';
import { backup, DatabaseSync } from 'node:sqlite';
import { EventStoreError } from '../event-store.js';

/**
 * Copies a log that may be in use, as of one moment, page by page, so that nobody waits for it. The target must not be
 * there; it is readable by its owner only. `progress` is told how many pages are left, and of how many.
 */
export async function backUpSqlite(
  file: string,
  target: string,
  progress: (left: number, all: number) => void = () => undefined,
): Promise<void> {
  if (!existsSync(file)) throw new EventStoreError(`there is no log at ${file}`);
  if (existsSync(target))
    throw new EventStoreError(`${target} is there already: name a new file, or remove it first`);
  await (await open(target, 'wx', 0o600)).close();
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    await backup(database, target, {
      progress: ({ remainingPages, totalPages }) => progress(remainingPages, totalPages),
    });
    await chmod(target, 0o600);
  } catch (cause) {
    await rm(target, { force: true });
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new EventStoreError(
      `${file} can't be copied to ${target}: ${why}; see that the one is a log and that there is room for the other`,
      { cause },
    );
  }
}

/** What SQLite finds wrong with the file itself; nothing when it is sound. */
export function checkSqlite(file: string): readonly string[] {
  if (!existsSync(file)) throw new EventStoreError(`there is no log at ${file}`);
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    const rows = database.prepare('PRAGMA integrity_check').all();
    return rows.map((row) => String(row['integrity_check'])).filter((text) => text !== 'ok');
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]; // so damaged that it can't be looked through
  }
}

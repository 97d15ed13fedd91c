import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { DIRECTORY, FILES } from './paths.js';
import { ourNamespaces, removeNamespaces } from './kernel/remains.js';
import { endAll } from './process-mark.js';
import { readRecord } from './record.js';

/** Ends and removes what a lab that was killed left behind. Only to be called when no lab is alive. */
export async function tidy(): Promise<void> {
  await endAll(readRecord()?.processes ?? []);
  await removeNamespaces(namespacesToRemove());
  removeFiles();
}

export const hasLeftovers = (): boolean => readRecord() !== undefined || namespacesToRemove().length > 0;

/** Only root made them, and only root can remove them. */
const namespacesToRemove = (): readonly string[] => (process.getuid?.() === 0 ? ourNamespaces() : []);

export function removeFiles(): void {
  for (const path of Object.values(FILES)) rmSync(path, { recursive: true, force: true });
  for (const database of [FILES.events, FILES.history])
    for (const suffix of ['-wal', '-shm']) rmSync(`${database}${suffix}`, { force: true });
  for (const path of [`${FILES.record}.new`, `${FILES.refusals}.1`]) rmSync(path, { force: true });
  try {
    if (readdirSync(DIRECTORY).length === 0) rmdirSync(DIRECTORY);
  } catch {
    // there was none
  }
}

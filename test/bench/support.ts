import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EC2_LIMITS, type Limits } from '#libs/domain';

/** No quota is what is measured. */
export const UNLIMITED: Limits = {
  ...EC2_LIMITS,
  groupsPerAccount: Number.MAX_SAFE_INTEGER,
  rulesPerGroup: Number.MAX_SAFE_INTEGER,
  groupsPerInstance: 16,
};

/** A folder on the project's own disk, as /tmp may be memory, where every write is durable at once. */
export async function openFolder(): Promise<{ readonly path: string } & AsyncDisposable> {
  await mkdir('.rampart', { recursive: true });
  const path = await mkdtemp(join('.rampart', 'bench-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

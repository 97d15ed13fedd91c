import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process, told apart from a later one with the same number by when it started. */
export interface ProcessMark {
  readonly pid: number;
  readonly started: string;
}

export const markOf = (pid: number): ProcessMark => ({ pid, started: startOf(pid) ?? 'gone' });

export const isAlive = ({ pid, started }: ProcessMark): boolean => startOf(pid) === started;

export function signal(mark: ProcessMark, name: NodeJS.Signals): void {
  if (!isAlive(mark)) return;
  try {
    process.kill(mark.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Kills and waits: what a killed process held (ports, namespaces) is free only when it is gone. */
export async function endAll(marks: readonly ProcessMark[]): Promise<void> {
  for (const mark of marks) signal(mark, 'SIGKILL');
  for (let waited = 0; waited < 3000 && marks.some(isAlive); waited += 10) await sleep(10);
}

/** Undefined when there is no such process; a zombie, which only waits for its parent to look, is none. */
function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') {
    const { status, stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return status === 0 ? stdout.trim() : undefined;
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // proc(5): fields 3 (state) and 22 (start, in ticks since boot); field 2, the name, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

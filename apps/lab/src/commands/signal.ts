import { LabError } from '../errors.js';
import { toTerminal } from '../output.js';
import { signal } from '../process-mark.js';
import { theLab } from './find.js';

/** Kills a process of the lab, or asks it to end; either way the lab starts it again after a moment. */
export function endProcess(name: string, how: 'SIGKILL' | 'SIGTERM'): number {
  const { processes } = theLab();
  const found = processes.find((one) => one.name === name);
  if (!found)
    throw new LabError(
      `no process is called ${name}; there are ${processes.map((one) => one.name).join(', ')}`,
    );
  signal(found, how);
  toTerminal()(`${name} (process ${found.pid}) ${how === 'SIGKILL' ? 'killed' : 'told to end'}`);
  return 0;
}

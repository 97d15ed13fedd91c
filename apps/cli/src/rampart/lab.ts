import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../usage-error.js';

const LAB_PROGRAM = fileURLToPath(new URL('../../../lab/src/main.js', import.meta.url));

/**
 * Turns this process into the lab's: terminal, signals and exit status are its own, with nobody in between to pass
 * them on.
 */
export function becomeLab(args: readonly string[], program = LAB_PROGRAM): never {
  if (!existsSync(program))
    throw new UsageError(`lab: ${program} is not there: build it with 'npm run build'`);
  if (!process.execve) throw new UsageError('lab: this platform has no execve: run it on Linux or macOS');
  return process.execve(process.execPath, [process.execPath, program, ...args]);
}

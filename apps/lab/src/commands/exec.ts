import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { LabError } from '../errors.js';
import { namespaceOf } from '../kernel/namespace.js';
import { find, theLab } from './find.js';

/** Runs a command on a machine of the lab (or in its `fabric`), as if it had been run there. */
export async function exec(name: string, words: readonly string[]): Promise<number> {
  const command = words[0] === '--' ? words.slice(1) : words;
  if (command.length === 0) throw new LabError('say what to run: rampart lab exec NAME -- COMMAND…');
  const { mode } = theLab();
  if (mode === 'fake')
    throw new LabError(
      'this lab has no network namespaces to run commands in; ' +
        '`rampart lab try FROM TO tcp/PORT` tells what would become of a packet',
    );
  const namespace = name === 'fabric' ? namespaceOf(name) : (await find(name)).namespace;
  if (process.getuid?.() !== 0) throw new LabError('only root may enter a network namespace: use sudo');
  const child = spawn('ip', ['netns', 'exec', namespace ?? '', ...command], { stdio: 'inherit' });
  // The terminal sends these to the command itself; this process only waits for what it makes of them.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => resolve(status ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

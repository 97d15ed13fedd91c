import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { LabError } from '../errors.js';
import { inNamespace } from './namespace.js';

/** Runs many `ip` commands in one process, inside a namespace when one is named; stops at the first that fails. */
export async function ip(commands: readonly string[], namespace?: string): Promise<void> {
  if (commands.length === 0) return;
  const child = namespace === undefined ? start() : inNamespace(namespace, start);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => undefined); // it ended before it read everything; its status says why
  child.stdin.end(commands.join('\n'));
  const [status, complaint] = await Promise.all([ended, text(child.stderr)]);
  if (status === 0) return;
  const line = /-:([0-9]+)/.exec(complaint)?.[1];
  const command = line === undefined ? commands.join('; ') : commands[Number(line) - 1];
  throw new LabError(`${namespace ?? 'here'}: ip ${command}: ${complaint.trim()}`);
}

/**
 * A child is in the namespace of the thread that starts it. `ip -n` would get there too, but it also makes itself a
 * view of the file system, which takes a busy kernel a tenth of a second. In a session of its own, because a Ctrl-C at
 * the terminal must not leave a batch half done.
 */
const start = (): ChildProcessByStdio<Writable, null, Readable> =>
  spawn('ip', ['-batch', '-'], { stdio: ['pipe', 'ignore', 'pipe'], detached: true });

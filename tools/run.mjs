import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export const say = (text) => process.stderr.write(`rampart: ${text}\n`);

/**
 * Runs a program to its end and passes signals on to it. The listeners live exactly as long as the child:
 * while one runs it decides how to stop, and between two a signal ends this process as usual.
 * Resolves to an exit status; a signal that came meanwhile is rethrown as `Interrupted` unless `mayStop`.
 */
export async function run(
  program,
  args,
  { env = process.env, stdio = 'inherit', mayStop = false, onSpawn } = {},
) {
  const child = spawn(program, args, { env, stdio });
  let received;
  const forward = (signal) => {
    received ??= signal;
    child.kill(signal);
  };
  for (const signal of forwarded) process.on(signal, forward);
  try {
    const status = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? statusOf(signal)));
      if (child.pid !== undefined) onSpawn?.(child.pid);
    });
    if (received !== undefined && !mayStop) throw new Interrupted(received);
    return status;
  } finally {
    for (const signal of forwarded) process.off(signal, forward);
  }
}

export class Interrupted extends Error {
  constructor(signal) {
    super(`stopped by ${signal}`);
    this.status = statusOf(signal);
  }
}

/** Something that the person at the keyboard can put right; shown without a stack. */
export class Refused extends Error {
  status = 1;
}

const statusOf = (signal) => 128 + constants.signals[signal];

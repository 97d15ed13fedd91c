import { spawn } from 'node:child_process';
import { BACKGROUND } from '../background.js';
import { toTerminal, type FromBackground } from '../output.js';

/** Starts the same lab in the background, shows how it comes up, and leaves it alone when it is ready. */
export function upDetached(args: readonly string[]): Promise<number> {
  const say = toTerminal();
  const main = process.argv[1] ?? '';
  const child = spawn(process.execPath, [main, ...args], {
    detached: true,
    env: { ...process.env, [BACKGROUND]: '1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => child.kill(name));
  return new Promise((resolve) => {
    child.on('message', (message: FromBackground) => {
      if ('line' in message) return say(message.line);
      say('the lab lives on in the background: end it with `rampart lab down`');
      child.disconnect();
      child.unref();
      resolve(0);
    });
    child.once('exit', (status) => resolve(status ?? 1));
    child.once('error', (error) => {
      say(error.message);
      resolve(1);
    });
  });
}

import { appendFileSync } from 'node:fs';
import { logOf } from './paths.js';

export type Say = (line: string) => void;

/** To the terminal. That it has gone is no reason to fail. */
export function toTerminal(): Say {
  process.stdout.on('error', () => undefined);
  return (line) => void process.stdout.write(`${line}\n`);
}

/** What a lab in the background tells the command that started it, for as long as that is there. */
export type FromBackground = { readonly line: string } | { readonly ready: true };

/** Resolves when it has been told, or is no longer there to be told. */
export const tellStarter = (message: FromBackground): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });

/** To the command that started it, and to a log of its own. */
export function toStarter(): Say {
  return (line) => {
    void tellStarter({ line });
    try {
      appendFileSync(logOf('lab'), `${line}\n`, { mode: 0o600 });
    } catch {
      // the logs are not there yet, or no longer
    }
  };
}

export type Step = <Result>(title: string, work: () => Promise<Result>) => Promise<Result>;

/** Says what is done when it is done, and how long it took. */
export const stepsBy =
  (say: Say): Step =>
  async (title, work) => {
    const began = performance.now();
    const result = await work();
    say(`  ✓ ${title.padEnd(64)} ${((performance.now() - began) / 1000).toFixed(2)} s`);
    return result;
  };

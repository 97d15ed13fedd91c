import type { Terminal } from '../../terminal.js';

const EVERY_MS = 1000;

/** Says on standard error how far a long job has come, once a second at most. */
export function progressOf({ err }: Terminal, what: string): (done: number) => void {
  let last = performance.now();
  return (done) => {
    const now = performance.now();
    if (now - last < EVERY_MS) return;
    last = now;
    err(`${what} ${done.toLocaleString('en')} …\n`);
  };
}

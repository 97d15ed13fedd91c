import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { endAll, isAlive, markOf, signal } from './process-mark.js';

const start = async (): Promise<number> => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  return child.pid ?? 0;
};

it('ends a process by its mark, and waits until it is gone', async () => {
  const mark = markOf(await start());
  expect(isAlive(mark)).toBe(true);
  await endAll([mark]);
  expect(isAlive(mark)).toBe(false);
});

it('leaves a process alone that only has the number of an earlier one', async () => {
  const mark = markOf(await start());
  const earlier = { ...mark, started: '1' };
  expect(isAlive(earlier)).toBe(false);
  signal(earlier, 'SIGKILL');
  await endAll([earlier]);
  expect(isAlive(mark)).toBe(true);
  await endAll([mark]);
});

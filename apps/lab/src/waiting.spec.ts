import { expect, it } from 'vitest';
import { orAborted, until } from './waiting.js';

const never = new AbortController().signal;

it('waits until something holds', async () => {
  let attempts = 0;
  const attempt = (): Promise<number> =>
    ++attempts < 3 ? Promise.reject(new Error('not yet')) : Promise.resolve(attempts);
  expect(await until('three', attempt, never)).toBe(3);
});

it('stops waiting when the lab is to end, for the reason it is to', async () => {
  const ending = new AbortController();
  const waiting = until('nothing', () => Promise.reject(new Error('not yet')), ending.signal);
  ending.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

it('takes the signal over work that does not end, also when it came first', async () => {
  const ending = new AbortController();
  const waiting = orAborted(new Promise(() => undefined), ending.signal);
  ending.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(orAborted(Promise.reject(new Error('too late')), ending.signal)).rejects.toThrow(
    /enough|too late/,
  );
});

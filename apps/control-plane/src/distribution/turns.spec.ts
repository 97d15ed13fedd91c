import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Turns } from './turns.js';

it('gives the event loop back between two pieces of work', async () => {
  const turns = new Turns(10);
  const done: string[] = [];
  for (const key of ['a', 'b', 'c']) turns.add(key, () => done.push(key));
  expect(done).toEqual([]);
  setImmediate(() => done.push('others'));
  while (done.length < 4) await nextTurn();
  expect(done).toEqual(['a', 'others', 'b', 'c']);
});

it('keeps of each key the newest, and drops what there is no room for', async () => {
  const turns = new Turns(2);
  const done: string[] = [];
  const add = (key: string, name: string): boolean => turns.add(key, () => done.push(name));
  expect([add('a', 'old'), add('b', 'b'), add('c', 'c'), add('a', 'new')]).toEqual([true, true, false, true]);
  while (done.length < 2) await nextTurn();
  expect(done).toEqual(['new', 'b']);
  expect(add('c', 'c')).toBe(true);
});

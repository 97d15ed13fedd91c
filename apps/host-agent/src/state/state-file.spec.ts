import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { StateFile, type StateEntry } from './state-file.js';

const entry = (position: number): StateEntry => ({
  delta: {
    type: 'host',
    position,
    previous: position - 1,
    hostId: 'host-é' as never,
    launched: [],
    terminated: [],
  },
});
const newFile = (): string => join(mkdtempSync(join(tmpdir(), 'rampart-state-')), 'state');

it('reads what was appended, by whomever', () => {
  const file = newFile();
  new StateFile(file).append([entry(1), entry(2)]);
  new StateFile(file).append([entry(3)]);
  expect(new StateFile(file).read()).toEqual([1, 2, 3].map(entry));
});

it.each([
  ['a line cut short', '{"delta":{"type":"ho'],
  ['zeros from a power cut', '\0\0\0\0\n\0\0'],
  ['a line without its end', JSON.stringify(entry(2))],
])('keeps what is appended after %s', (_what, damage) => {
  const file = newFile();
  new StateFile(file).append([entry(1)]);
  appendFileSync(file, damage);
  const state = new StateFile(file);
  expect(state.read()).toEqual([entry(1)]);
  state.append([entry(2), entry(3)]);
  expect(new StateFile(file).read()).toEqual([1, 2, 3].map(entry));
});

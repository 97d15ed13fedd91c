import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { expect, it } from 'vitest';
import { VERB_NAMES, verbNamed } from './verb-table.js';

const bin = new URL('../bin/', import.meta.url);

it('has an executable for every name, and none beside', () => {
  expect(readdirSync(bin).sort()).toEqual([...VERB_NAMES.flat(), 'rampart'].sort());
  for (const name of VERB_NAMES.flat()) expect(readlinkSync(new URL(name, bin))).toBe('rampart');
  expect(lstatSync(new URL('rampart', bin)).mode & 0o777).toBe(0o755);
});

it.each(VERB_NAMES.flat())('loads %s', async (name) => {
  expect((await verbNamed(name)?.())?.examples).not.toEqual([]);
});

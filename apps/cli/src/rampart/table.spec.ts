import { expect, it } from 'vitest';
import { tableOf } from './table.js';

it('aligns columns, and keeps each thing on one line', () => {
  const columns = [
    ['HOST', ({ host }: { host: string }) => host],
    ['STATE', ({ state }: { state: string }) => state],
  ] as const;
  const items = [
    { host: 'rack1', state: 'enforced\nmostly' },
    { host: 'r2', state: '' },
  ];
  expect(tableOf(columns, items)).toBe('HOST   STATE\nrack1  enforced mostly\nr2\n');
});

it('has no line of titles where there are none', () => {
  expect(tableOf([['', (text: string) => text]], ['one', 'two'])).toBe('one\ntwo\n');
});

import { expect, it } from 'vitest';
import { textOf, type Row } from './rows.js';

const rows: readonly Row[] = [['GROUP', 'sg-1', undefined, 'a\tb\r\nc', '']];

it.each([
  [false, 'GROUP\tsg-1\t\ta b c\t\n'],
  [true, 'GROUP\tsg-1\t(nil)\ta b c\t(nil)\n'],
])('one row is one line (showEmptyFields: %s)', (showEmptyFields, text) => {
  expect(textOf(rows, { showEmptyFields })).toBe(text);
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matcherFrom } from './wildcards.js';

it.each<[string, string, boolean]>([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['web', 'web', true],
  ['web', 'web2', false],
  ['web*', 'web', true],
  ['*web', 'my web', true],
  ['w?b', 'web', true],
  ['w?b', 'wb', false],
  ['?', '🧱', true],
  ['a*a', 'a', false],
  ['*ab*ab', 'abab', true],
  ['*ab*ab', 'aab', false],
  ['\\*', '*', true],
  ['\\*', 'x', false],
  ['\\\\*', '\\x', true],
  ['a.b', 'axb', false],
  ['a\\', 'a\\', true],
  ['*\n*', 'a\nb', true],
])('%j matches %j: %s', (pattern, value, expected) => {
  expect(matcherFrom(pattern)(value)).toBe(expected);
});

/** What a pattern means, tried in every way there is. */
function means(pattern: readonly string[], value: readonly string[]): boolean {
  const [part, ...rest] = pattern;
  if (part === undefined) return value.length === 0;
  if (part === '*')
    return Array.from({ length: value.length + 1 }, (_, skip) => skip).some((skip) =>
      means(rest, value.slice(skip)),
    );
  const [letter, ...further] = value;
  return letter !== undefined && (part === '?' || part === letter) && means(rest, further);
}

describe('any pattern', () => {
  const text = (...letters: readonly string[]): fc.Arbitrary<string> =>
    fc.array(fc.constantFrom(...letters), { maxLength: 7 }).map((all) => all.join(''));

  it('means what trying every way finds', () => {
    fc.assert(
      fc.property(text('a', 'b', '*', '?', '🧱', '.'), text('a', 'b', '🧱', '.'), (pattern, value) => {
        expect(matcherFrom(pattern)(value)).toBe(means(Array.from(pattern), Array.from(value)));
      }),
      { numRuns: 2000 },
    );
  });

  it('matches itself when its wildcards are escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(matcherFrom(value.replaceAll(/[*?\\]/g, '\\$&'))(value)).toBe(true);
      }),
    );
  });
});

it('never goes back, however many stars there are', () => {
  // To try every way would take longer than the world has been there.
  expect(matcherFrom(`${'*a'.repeat(400)}*b`)('a'.repeat(800))).toBe(false);
  expect(matcherFrom(`${'*?a'.repeat(300)}*b`)('a'.repeat(800))).toBe(false);
});

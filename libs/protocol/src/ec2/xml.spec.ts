import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { xmlDocument } from './xml.js';

const written = (text: string): string => Array.from(xmlDocument('Answer', { text })).join('');

/** XML 1.0, production 2. */
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Cs}/u;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#13': '\r' };

it('writes any text so that it can be read again, but for what XML can’t say', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const document = written(text);
      expect(document).not.toMatch(FORBIDDEN);
      const inner = /^<\?xml [^>]*\?>\n<Answer><text>([^<>]*)<\/text><\/Answer>$/.exec(document)?.[1];
      const read = inner?.replaceAll(/&([^;]+);/g, (_all, name: string) => ENTITIES[name] ?? '?');
      expect(read).toBe(text.toWellFormed().replaceAll(new RegExp(FORBIDDEN, 'gu'), '\uFFFD'));
    }),
    { numRuns: 1000 },
  );
});

it.each([
  [']]>', ']]&gt;'],
  ['<![CDATA[x]]>', '&lt;![CDATA[x]]&gt;'],
  ['a\u0000b\u001Bc', 'a\uFFFDb\uFFFDc'],
  ['\uD800', '\uFFFD'],
  ['🧱 ünï', '🧱 ünï'],
  ['&amp;', '&amp;amp;'],
])('writes %j as %j', (text, expected) => {
  expect(written(text)).toContain(`<text>${expected}</text>`);
});

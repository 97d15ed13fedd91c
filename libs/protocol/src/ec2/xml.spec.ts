import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { xmlDocument, type Xml, type XmlFields } from './xml.js';

const text = (content: XmlFields): string => [...xmlDocument('Answer', content)].join('');
const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

it.each<[string, XmlFields, string]>([
  ['fields in their order', { b: 'x', a: 1 }, '<b>x</b><a>1</a>'],
  ['nothing of absent fields', { a: undefined, b: false }, '<b>false</b>'],
  ['lists as items', { list: ['x', { y: 2 }] }, '<list><item>x</item><item><y>2</y></item></list>'],
  [
    'lists in items',
    { list: [{ inner: [1, 2] }] },
    '<list><item><inner><item>1</item><item>2</item></inner></item></list>',
  ],
  ['empty lists', { list: [], also: new Set<Xml>() }, '<list></list><also></also>'],
  [
    'iterators as lists',
    { list: ['x', 'y'].values().map((one) => ({ one })) },
    '<list><item><one>x</one></item><item><one>y</one></item></list>',
  ],
  ['signs that XML needs itself', { a: `<"R&D">` }, '<a>&lt;&quot;R&amp;D&quot;&gt;</a>'],
  ['all else as it is', { a: "ünïcödé 🧱\t\n'~" }, "<a>ünïcödé 🧱\t\n'~</a>"],
  ['carriage returns, which parsers would swallow', { a: 'x\r\n' }, '<a>x&#13;\n</a>'],
  ['what XML can’t say as U+FFFD', { a: 'x\u0000\u001F\uFFFE\uD800y' }, '<a>x\uFFFD\uFFFD\uFFFD\uFFFDy</a>'],
])('writes %s', (_what, content, expected) => {
  expect(text(content)).toBe(`${HEAD}<Answer>${expected}</Answer>`);
});

it('names the namespace', () => {
  expect([...xmlDocument('Answer', {}, 'http://example.com/')].join('')).toBe(
    `${HEAD}<Answer xmlns="http://example.com/"></Answer>`,
  );
});

it('makes the items of a long list as they are asked for, in pieces of about the same length', () => {
  let made = 0;
  const items = Array.from({ length: 2000 }, (_, n) => `${n} `.padEnd(100, 'x'));
  const document = xmlDocument('Answer', { list: items.values().map((item) => (made++, item)) });
  const pieces = [document.next().value ?? ''];
  expect(made).toBeLessThan(items.length / 2);
  pieces.push(...document);
  expect(made).toBe(items.length);
  expect(pieces.length).toBeGreaterThan(3);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(40_000);
  expect(pieces.join('')).toBe(text({ list: items }));
});

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

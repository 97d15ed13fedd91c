/** Element content: text, a list (EC2's `item`s), or fields; absent fields are left out. */
export type Xml = string | number | boolean | Iterable<Xml> | XmlFields;

export interface XmlFields {
  readonly [name: string]: Xml | undefined;
}

export const EC2_NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

/** Characters of a piece: enough to be worth a write, few enough to be made while others wait. */
const PIECE = 32_768;

/**
 * A document in pieces, each made when it is asked for. A list right under the root that is an iterator, such as
 * `things.values().map(…)` yields, is never held as a whole.
 */
export function* xmlDocument(name: string, content: XmlFields, namespace?: string): Generator<string, void> {
  const attribute = namespace === undefined ? '' : ` xmlns="${namespace}"`;
  let piece = `<?xml version="1.0" encoding="UTF-8"?>\n<${name}${attribute}>`;
  for (const text of fieldTexts(content)) {
    piece += text;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}</${name}>`;
}

function* fieldTexts(content: XmlFields): Generator<string, void> {
  for (const [name, value] of Object.entries(content)) {
    if (value === undefined) continue;
    yield `<${name}>`;
    if (isList(value)) for (const item of value) yield itemText(item);
    else yield xmlText(value);
    yield `</${name}>`;
  }
}

function xmlText(content: Xml): string {
  if (typeof content === 'string') return escaped(content);
  if (typeof content !== 'object') return String(content);
  let text = '';
  if (isList(content)) for (const item of content) text += itemText(item);
  else
    for (const [name, value] of Object.entries(content))
      if (value !== undefined) text += `<${name}>${xmlText(value)}</${name}>`;
  return text;
}

const itemText = (item: Xml): string => `<item>${xmlText(item)}</item>`;

const isList = (content: Xml): content is Exclude<Iterable<Xml>, string> =>
  typeof content === 'object' && Symbol.iterator in content;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Nearly all that is ever written stands for itself. */
const PLAIN = /^[ !#-%'-;=?-~]*$/;

/** Characters that XML 1.0 has no way to write (its production 2) become U+FFFD, so that every answer parses. */
function escaped(text: string): string {
  if (PLAIN.test(text)) return text;
  return (
    text
      .toWellFormed()
      .replaceAll(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign)
      // eslint-disable-next-line no-control-regex -- these are the characters meant
      .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD')
      .replaceAll('\r', '&#13;')
  );
}

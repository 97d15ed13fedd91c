/** Element content: text, a list (EC2's `item`s), or fields; absent fields are left out. */
export type Xml = string | number | boolean | readonly Xml[] | { readonly [name: string]: Xml | undefined };

export const EC2_NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

export function xmlDocument(name: string, content: Xml, namespace?: string): string {
  const attribute = namespace === undefined ? '' : ` xmlns="${namespace}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${name}${attribute}>${xmlText(content)}</${name}>`;
}

function xmlText(content: Xml): string {
  if (typeof content === 'string') return escaped(content);
  if (typeof content !== 'object') return String(content);
  if (isList(content)) return content.map((item) => `<item>${xmlText(item)}</item>`).join('');
  return Object.entries(content)
    .map(([name, value]) => (value === undefined ? '' : `<${name}>${xmlText(value)}</${name}>`))
    .join('');
}

const isList = (content: object): content is readonly Xml[] => Array.isArray(content);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Characters that XML 1.0 has no way to write (its production 2) become U+FFFD, so that every answer parses. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign)
    // eslint-disable-next-line no-control-regex -- these are the characters meant
    .replaceAll(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD')
    .replaceAll('\r', '&#13;');

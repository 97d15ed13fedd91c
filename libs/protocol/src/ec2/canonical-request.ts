import { createHmac, hash } from 'node:crypto';

/** A request as it is signed. Header names in lower case; `query` is raw and without its question mark. */
export interface SignableRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a signature is good for. `day` is `YYYYMMDD`. */
export interface Scope {
  readonly day: string;
  readonly region: string;
  readonly service: string;
}

export const ALGORITHM = 'AWS4-HMAC-SHA256';

export const sha256 = (content: Uint8Array | string): string => hash('sha256', content, 'hex');

export const scopeText = ({ day, region, service }: Scope): string =>
  `${day}/${region}/${service}/aws4_request`;

/** AWS Signature Version 4, "Create a canonical request"; `signedHeaders` in alphabetical order. */
export function canonicalRequest(
  { method, path, query, headers }: SignableRequest,
  signedHeaders: readonly string[],
  bodyHash: string,
): string {
  const valueOf = (name: string): string => (Object.hasOwn(headers, name) ? (headers[name] ?? '') : '');
  const lines = signedHeaders.map((name) => `${name}:${valueOf(name).trim().replaceAll(/\s+/g, ' ')}`);
  return [
    method,
    canonicalPath(path),
    canonicalQuery(query),
    ...lines,
    '',
    signedHeaders.join(';'),
    bodyHash,
  ].join('\n');
}

/** "Create a string to sign", and the signature of it with the key derived for the scope. */
export function signatureOf(
  canonical: string,
  secretAccessKey: string,
  scope: Scope,
  timestamp: string,
): string {
  const text = [ALGORITHM, timestamp, scopeText(scope), sha256(canonical)].join('\n');
  return hmac(signingKey(secretAccessKey, scope), text).toString('hex');
}

/** Keys that were derived lately, as one is good for all that its owner signs on a day. */
const derivedKeys = new Map<string, Buffer>();
const MOST_DERIVED_KEYS = 1000;

function signingKey(secretAccessKey: string, scope: Scope): Buffer {
  const name = `${scopeText(scope)} ${secretAccessKey}`;
  const known = derivedKeys.get(name);
  if (known) return known;
  const key = [scope.region, scope.service, 'aws4_request'].reduce<Buffer>(
    (secret, part) => hmac(secret, part),
    hmac(`AWS4${secretAccessKey}`, scope.day),
  );
  const oldest = derivedKeys.keys().next().value;
  if (derivedKeys.size >= MOST_DERIVED_KEYS && oldest !== undefined) derivedKeys.delete(oldest);
  derivedKeys.set(name, key);
  return key;
}

const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Without `.`, `..` and empty parts, and encoded once more than it was sent; only S3 takes a path as it is. */
function canonicalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const end = parts.length > 0 && path.endsWith('/') ? '/' : '';
  return `/${parts.map(encoded).join('/')}${end}`;
}

/** Parameters sorted by their encoded names and values, each encoded as RFC 3986 has it. */
function canonicalQuery(query: string): string {
  const pairs = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair): readonly [string, string] => {
      const equals = pair.indexOf('=');
      const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
      return [encoded(decoded(name)), encoded(decoded(value))];
    });
  const order = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
  pairs.sort((one, other) => order(one[0], other[0]) || order(one[1], other[1]));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

const encoded = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Text that is not well encoded stands for itself: it can't have been signed, so the signature will not match. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

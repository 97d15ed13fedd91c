import type { SignableRequest } from '#libs/protocol';

/** What Fastify gives of a request. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly raw: {
    /** Names and values in turn. */
    readonly rawHeaders: readonly string[];
    readonly socket: { readonly remoteAddress?: string };
  };
  /** As it was sent; nothing when nothing was. */
  readonly body?: Buffer | null;
}

/** The request as its sender signed it: byte for byte, not as a framework understood it. */
export function signableFrom({ method, url, raw, body }: HttpRequest): SignableRequest {
  const question = url.indexOf('?');
  const [path, query] = question < 0 ? [url, ''] : [url.slice(0, question), url.slice(question + 1)];
  return { method, path, query, headers: headersFrom(raw.rawHeaders), body: body ?? '' };
}

/** A header that came several times is signed as its values with commas between; Node would add a space, or choose. */
function headersFrom(rawHeaders: readonly string[]): Readonly<Record<string, string>> {
  const headers = new Map<string, string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index]?.toLowerCase() ?? '', rawHeaders[index + 1] ?? ''];
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(headers);
}

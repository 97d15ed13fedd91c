import type { SignableRequest } from '#libs/protocol';

/** What Fastify and Nest's `rawBody` give of a request. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawBody?: Buffer;
}

/** The request as its sender signed it: byte for byte, not as a framework understood it. */
export function signableFrom({ method, url, headers, rawBody }: HttpRequest): SignableRequest {
  const question = url.indexOf('?');
  const [path, query] = question < 0 ? [url, ''] : [url.slice(0, question), url.slice(question + 1)];
  const flat = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    [value ?? ''].flat().join(','),
  ]);
  return { method, path, query, headers: Object.fromEntries(flat), body: rawBody ?? '' };
}

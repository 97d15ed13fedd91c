import type { Connection } from './connection.js';
import { exchange, type Question } from './exchange.js';
import { ConnectionError, ServiceError } from './service-error.js';

/** A plain question, unless said otherwise. */
type Asking = Partial<Pick<Question, 'method' | 'body' | 'delay'>>;

/**
 * Asks Rampart's own API, which answers in JSON. Throws a `ServiceError` with what it refuses (RFC 9457), and a
 * `ConnectionError` when whoever answers is no Rampart.
 */
export async function askRampart<Reply extends object>(
  connection: Connection,
  path: string,
  { method = 'GET', ...more }: Asking = {},
): Promise<Reply> {
  const headers = { accept: 'application/json' };
  const { status, body } = await exchange(connection, {
    service: 'rampart',
    method,
    path,
    headers,
    body: '',
    ...more,
  });
  const answer = parseJson(body) as Partial<Record<'code' | 'message', unknown>> | undefined;
  if (status === 200 && answer instanceof Object) return answer as Reply;
  if (typeof answer?.message === 'string')
    throw new ServiceError(
      status,
      typeof answer.code === 'string' ? answer.code : String(status),
      answer.message,
    );
  throw new ConnectionError(
    `${connection.endpoint.href} answered ${status} '${body.slice(0, 80)}', which is not Rampart: check EC2_URL`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON is told apart by the caller, together with JSON that means nothing
  }
}

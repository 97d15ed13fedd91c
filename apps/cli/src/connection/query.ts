import type { Parameters } from '../verb.js';
import type { Connection } from './connection.js';
import { exchange, type Answer } from './exchange.js';
import { ConnectionError, ServiceError } from './service-error.js';
import type { XmlElement } from './xml-element.js';

export const API_VERSION = '2016-11-15';

export interface QueryAnswer {
  readonly headers: Answer['headers'];
  readonly element: XmlElement;
}

/** Asks the EC2 Query API; throws a `ServiceError` for a refusal. `wait` is in seconds. */
export async function query(
  connection: Connection,
  parameters: Parameters,
  wait?: string,
): Promise<QueryAnswer> {
  const asked = exchange(connection, {
    service: 'ec2',
    method: 'POST',
    path: connection.endpoint.pathname,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      ...(wait !== undefined && { 'x-rampart-wait': wait }),
      ...(connection.at !== undefined && { 'x-rampart-at': connection.at }),
    },
    body: new URLSearchParams({ ...parameters, Version: API_VERSION }).toString(),
    delay: Number(wait ?? 0),
  });
  // Loaded while the other end is at work.
  const [answer, { parseAnswer }] = await Promise.all([asked, import('./xml-element.js')]);
  const element = parseAnswer(answer.body);
  if (answer.status === 200 && element) return { headers: answer.headers, element };
  throw refusalFrom(connection, answer, element);
}

function refusalFrom({ endpoint }: Connection, { status, body }: Answer, element?: XmlElement): Error {
  const code = element?.text('Errors.Error.Code');
  if (code) return new ServiceError(status, code, element?.text('Errors.Error.Message') ?? '');
  const beginning = body.trim().slice(0, 80);
  return new ConnectionError(
    `${endpoint.href} answered ${status} '${beginning}', which is not EC2: check EC2_URL`,
  );
}

import type { IncomingHttpHeaders } from 'node:http';
import { signRequest } from '#libs/protocol';
import type { Connection } from './connection.js';
import { ConnectionError } from './service-error.js';

export interface Question {
  readonly service: 'ec2' | 'rampart';
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query, if there is one. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Seconds that the other end was asked to take before it answers. */
  readonly delay?: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Signs a question, asks it, and returns whatever comes back; throws a `ConnectionError` when nothing does. */
export async function exchange(connection: Connection, question: Question): Promise<Answer> {
  const { endpoint, region, accessKeyId, secretAccessKey, securityToken, trace } = connection;
  const { method, path, body } = question;
  const token = securityToken && { 'x-amz-security-token': securityToken };
  const headers = { host: endpoint.host, ...question.headers, ...token };
  const signature = signRequest(
    { method, ...pathAndQuery(path), headers, body },
    { accessKeyId, secretAccessKey },
    { region, service: question.service, time: new Date().toISOString() },
  );
  trace?.(`> ${method} ${new URL(path, endpoint).href}\n${body && `> ${body}\n`}`);
  const answer = await ask(connection, { ...question, headers: { ...headers, ...signature } });
  trace?.(`< ${answer.status}\n${answer.body.trimEnd()}\n`);
  return answer;
}

function pathAndQuery(target: string): { readonly path: string; readonly query: string } {
  const [path = '', query = ''] = target.split('?');
  return { path, query };
}

/**
 * Not fetch, and not `import 'node:http'`: both load the whole of undici, which takes longer than the exchange itself.
 */
function ask({ endpoint, patience }: Connection, question: Question): Promise<Answer> {
  const { method, path, headers, body, delay = 0 } = question;
  const { request } = process.getBuiltinModule(endpoint.protocol === 'https:' ? 'node:https' : 'node:http');
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const give = (error: Error): void =>
    reject(
      new ConnectionError(
        `no answer from ${endpoint.href}: ${error.message}; is it up? Set EC2_URL or give -U`,
        { cause: error },
      ),
    );
  const options = { method, headers, agent: false, timeout: patience.connecting * 1000 };
  const asked = request(new URL(path, endpoint), options, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', give);
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks).toString(),
      }),
    );
  });
  let late = `no connection within ${patience.connecting} s`;
  asked.on('socket', (socket) =>
    socket.once('connect', () => {
      socket.setTimeout((patience.waiting + delay) * 1000);
      late = `silent for ${patience.waiting + delay} s`;
    }),
  );
  asked.on('timeout', () => asked.destroy(new Error(late)));
  asked.on('error', give);
  asked.end(body);
  return promise;
}

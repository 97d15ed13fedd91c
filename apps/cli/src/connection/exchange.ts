import type { IncomingHttpHeaders } from 'node:http';
import { signRequest } from '#libs/protocol';
import type { Connection } from './connection.js';
import { ConnectionError } from './service-error.js';

export interface Question {
  readonly service: 'ec2' | 'rampart';
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Seconds of silence after which there is no hope of an answer. */
  readonly patience: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Signs a question, asks it, and returns whatever comes back; throws a `ConnectionError` when nothing does. */
export async function exchange(connection: Connection, question: Question): Promise<Answer> {
  const { endpoint, region, accessKeyId, secretAccessKey, trace } = connection;
  const { method, path, body } = question;
  const headers = { host: endpoint.host, ...question.headers };
  const signature = signRequest(
    { method, path, query: '', headers, body },
    { accessKeyId, secretAccessKey },
    { region, service: question.service, time: new Date().toISOString() },
  );
  trace?.(`> ${method} ${new URL(path, endpoint).href}\n${body && `> ${body}\n`}`);
  const answer = await ask(endpoint, { ...question, headers: { ...headers, ...signature } });
  trace?.(`< ${answer.status}\n${answer.body.trimEnd()}\n`);
  return answer;
}

/**
 * Not fetch, and not `import 'node:http'`: both load the whole of undici, which takes longer than the exchange itself.
 */
function ask(endpoint: URL, { method, path, headers, body, patience }: Question): Promise<Answer> {
  const { request } = process.getBuiltinModule(endpoint.protocol === 'https:' ? 'node:https' : 'node:http');
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const give = (error: Error): void =>
    reject(
      new ConnectionError(
        `no answer from ${endpoint.href}: ${error.message}; is it up? Set EC2_URL or give -U`,
        { cause: error },
      ),
    );
  const asked = request(new URL(path, endpoint), { method, headers, agent: false }, (response) => {
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
  asked.setTimeout(patience * 1000, () => asked.destroy(new Error(`silent for ${patience} s`)));
  asked.on('error', give);
  asked.end(body);
  return promise;
}

import { signRequest } from '#libs/protocol';

type Environment = Readonly<Record<string, string>>;

/** A request of the native API, signed as the environment of a client says. */
export async function sendNative(
  { EC2_URL, AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' }: Environment,
  path: string,
  method = 'GET',
  body = '',
): Promise<Response> {
  const url = new URL(path, EC2_URL);
  const headers = { host: url.host };
  const key = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  const scope = { region: 'us-east-1', service: 'rampart', time: new Date().toISOString() };
  const query = url.search.slice(1);
  const signature = signRequest({ method, path: url.pathname, query, headers, body }, key, scope);
  return fetch(url, { method, headers: { ...headers, ...signature }, ...(body === '' ? {} : { body }) });
}

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: unknown;
}

/** The same with that as its body. */
export const sendJson = (environment: Environment, path: string, json: object): Promise<Answer> =>
  askNative(environment, path, 'POST', JSON.stringify(json));

export async function askNative(...request: Parameters<typeof sendNative>): Promise<Answer> {
  const answer = await sendNative(...request);
  const body = await answer.json();
  return { status: answer.status, type: answer.headers.get('content-type'), body };
}

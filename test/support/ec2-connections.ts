import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { signRequest } from '#libs/protocol';

export type Parameters = Readonly<Record<string, string>>;

/** A client of the EC2 API that keeps its connections, and signs each request for itself. */
export class Ec2Connections implements Disposable {
  readonly #endpoint: URL;
  readonly #key;
  readonly #agent: Agent;

  /** `environment` is what a client has to know: `EC2_URL` and an access key. */
  constructor(environment: Readonly<Record<string, string>>, connections: number) {
    this.#endpoint = new URL(environment['EC2_URL'] ?? '');
    this.#key = {
      accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
    };
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** The answer's text; throws what is no success. */
  async call(action: string, parameters: Parameters = {}): Promise<string> {
    const answer = await this.open(action, parameters);
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(answer, 'end');
    const text = Buffer.concat(chunks).toString();
    if (answer.statusCode !== 200) throw new Error(`${action}: ${text}`);
    return text;
  }

  /** The answer as it begins. */
  async open(action: string, parameters: Parameters = {}): Promise<IncomingMessage> {
    const body = new URLSearchParams({ Action: action, Version: '2016-11-15', ...parameters }).toString();
    const headers = {
      host: this.#endpoint.host,
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    };
    const signature = signRequest({ method: 'POST', path: '/', query: '', headers, body }, this.#key, {
      region: 'us-east-1',
      service: 'ec2',
      time: new Date().toISOString(),
    });
    const asked = request(this.#endpoint, {
      agent: this.#agent,
      method: 'POST',
      headers: { ...headers, ...signature, 'content-length': Buffer.byteLength(body) },
    });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

import { XMLParser } from 'fast-xml-parser';
import { signRequest } from '#libs/protocol';

export interface Ec2Answer {
  readonly status: number;
  readonly text: string;
  /** The content of the answer's element; lists are always lists. */
  readonly content: Content;
  /** The code of an error, or nothing. */
  readonly code: string | undefined;
  readonly message: string | undefined;
  /** Of a change, when the client asked for it. */
  readonly position?: number;
}

/** The elements that tests look into. */
type Field =
  | 'Error'
  | 'Errors'
  | 'Code'
  | 'Message'
  | 'item'
  | 'value'
  | 'return'
  | 'groupId'
  | 'groupSet'
  | 'securityGroupInfo'
  | 'ipPermissions'
  | 'instanceId'
  | 'instancesSet'
  | 'reservationId'
  | 'reservationSet'
  | 'instanceStatusSet'
  | 'nextToken'
  | 'tagSet'
  | 'vpcId'
  | 'vpcSet'
  | 'subnetId'
  | 'subnetSet'
  | 'enableDnsSupport'
  | 'networkInterfaceSet'
  | 'networkInterfaceId'
  | 'macAddress'
  | 'privateIpAddress'
  | 'ipv6Address'
  | 'regionInfo'
  | 'availabilityZoneInfo'
  | 'accountAttributeSet'
  | 'imagesSet'
  | 'instanceTypeSet';

/** Text, or the elements in it; each may be absent. */
export type Content = string & { readonly [Name in Field]: Content };

const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  isArray: (name) => name === 'item',
});

/** Asks the EC2 API as one that signs does, and takes the answer apart. */
export class Ec2Client {
  readonly #environment: Readonly<Record<string, string>>;
  readonly #headers: Readonly<Record<string, string>>;

  /** `EC2_URL`, `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`; and headers to send with everything. */
  constructor(environment: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) {
    this.#environment = environment;
    this.#headers = headers;
  }

  get url(): string {
    return this.#environment['EC2_URL'] ?? '';
  }

  ask(
    action: string,
    parameters: Readonly<Record<string, string>> = {},
    service = 'ec2',
  ): Promise<Ec2Answer> {
    return this.send(new URLSearchParams({ Action: action, ...parameters }).toString(), service);
  }

  /** A body as it stands. */
  async send(body: string, service = 'ec2'): Promise<Ec2Answer> {
    const headers = { host: new URL(this.url).host, 'content-type': 'application/x-www-form-urlencoded' };
    const key = {
      accessKeyId: this.#environment['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: this.#environment['AWS_SECRET_ACCESS_KEY'] ?? '',
    };
    const signature = signRequest({ method: 'POST', path: '/', query: '', headers, body }, key, {
      region: 'us-east-1',
      service,
      time: new Date().toISOString(),
    });
    const all = { ...this.#headers, ...headers, ...signature };
    const response = await fetch(this.url, { method: 'POST', headers: all, body });
    const position = response.headers.get('x-rampart-position');
    const answer = answerFrom(response.status, await response.text());
    return position === null ? answer : { ...answer, position: Number(position) };
  }
}

export function answerFrom(status: number, text: string): Ec2Answer {
  const document = parser.parse(text) as Record<string, Content>;
  const [, content] = Object.entries(document).find(([name]) => !name.startsWith('?')) ?? [];
  if (content === undefined) throw new Error(`no XML came: ${status} ${text}`);
  const error = content.Errors?.Error ?? content.Error;
  return { status, text, content, code: error?.Code, message: error?.Message };
}

/** What is in a list of an answer; an empty element is an empty list. */
export const items = (list: Content): readonly Content[] =>
  (list?.item ?? []) as unknown as readonly Content[];

export function first(list: readonly Content[]): Content {
  const [one] = list;
  if (one === undefined) throw new Error('the answer’s list is empty');
  return one;
}

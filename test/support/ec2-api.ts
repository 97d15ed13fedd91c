import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { signRequest } from '#libs/protocol';
import { NatsServer } from './cell.js';
import { freePort, Program } from './programs.js';

export const OWNER = '111122223333';
export const NEIGHBOUR = '444455556666';
export type AccountName = typeof OWNER | typeof NEIGHBOUR;

/** XML as plain values: a list of `item`s is an array, an element with nothing in it an empty text. */
export type Content = string | readonly Content[] | { readonly [name: string]: Content };

/** Names of the Query protocol, such as `IpPermissions.1.IpRanges.1.CidrIp`. */
export type Parameters = Readonly<Record<string, string | number>>;

/** As the n-th of a request's IpPermissions. */
export const permission = (fields: Parameters, index = 1): Parameters =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [`IpPermissions.${index}.${name}`, value]),
  );

const keyOf = (accountId: AccountName) => ({
  accountId,
  accessKeyId: `AKID${accountId}`,
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG',
});

/** A control plane as it runs everywhere, spoken to by two accounts in the Query protocol. */
export class Ec2Api implements AsyncDisposable {
  readonly #nats: NatsServer;
  readonly #program: Program;
  readonly #folder: string;
  readonly #host: string;

  private constructor(nats: NatsServer, program: Program, folder: string, host: string) {
    this.#nats = nats;
    this.#program = program;
    this.#folder = folder;
    this.#host = host;
  }

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Ec2Api> {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-ec2-'));
    const keys = join(folder, 'keys.json');
    writeFileSync(keys, JSON.stringify([OWNER, NEIGHBOUR].map((one) => keyOf(one as AccountName))));
    const [nats, host] = [await NatsServer.start(), `127.0.0.1:${await freePort()}`];
    const program = await Program.controlPlane({
      RAMPART_LISTEN: host,
      RAMPART_NATS_URL: nats.url,
      RAMPART_LOG: 'memory',
      RAMPART_ACCESS_KEYS: keys,
      ...settings,
    });
    return new Ec2Api(nats, program, folder, host);
  }

  /** The content of the answer; a refusal is thrown as `Code: message`. */
  async call(action: string, parameters: Parameters = {}, account: AccountName = OWNER): Promise<Answer> {
    const fields = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
    const body = new URLSearchParams([['Action', action], ['Version', '2016-11-15'], ...fields]).toString();
    const headers = { host: this.#host, 'content-type': 'application/x-www-form-urlencoded' };
    const request = { method: 'POST', path: '/', query: '', headers, body };
    const time = new Date().toISOString();
    const signature = signRequest(request, keyOf(account), { region: 'us-east-1', service: 'ec2', time });
    const response = await fetch(`http://${this.#host}/`, {
      method: 'POST',
      headers: { ...headers, ...signature },
      body,
    });
    const answer = new Answer(plain(parser.parse(await response.text())));
    if (response.ok) return answer.at(`${action}Response`);
    const error = answer.at('Response').at('Errors').at('Error');
    throw new Error(`${error.text('Code')}: ${error.text('Message')}`);
  }

  /** The refusal of a call that must be refused. */
  async refusal(action: string, parameters: Parameters = {}, account: AccountName = OWNER): Promise<string> {
    const outcome = await this.call(action, parameters, account).catch((error: unknown) => error as Error);
    return outcome instanceof Error ? outcome.message : `accepted: ${JSON.stringify(outcome.content)}`;
  }

  async createGroup(name: string, account: AccountName = OWNER): Promise<string> {
    const wish = { GroupName: name, GroupDescription: `of ${name}` };
    return (await this.call('CreateSecurityGroup', wish, account)).text('groupId');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.end();
    await this.#nats[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true });
  }
}

/** An element of an answer, taken apart by names. */
export class Answer {
  readonly content: Content;

  constructor(content: Content) {
    this.content = content;
  }

  at(name: string): Answer {
    const { content } = this;
    if (typeof content !== 'object' || Array.isArray(content) || !(name in content))
      throw new Error(`no ${name} in ${JSON.stringify(content)}`);
    return new Answer((content as Readonly<Record<string, Content>>)[name] ?? '');
  }

  text(name: string): string {
    const { content } = this.at(name);
    if (typeof content !== 'string') throw new Error(`${name} is no text: ${JSON.stringify(content)}`);
    return content;
  }

  items(name: string): readonly Answer[] {
    const { content } = this.at(name);
    if (content === '') return [];
    if (!Array.isArray(content)) throw new Error(`${name} is no list: ${JSON.stringify(content)}`);
    return content.map((one: Content) => new Answer(one));
  }

  /** One field of each item. */
  column(name: string, field: string): readonly string[] {
    return this.items(name).map((item) => item.text(field));
  }
}

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignoreAttributes: true,
  isArray: (name) => name === 'item',
});

function plain(node: unknown): Content {
  if (typeof node !== 'object' || node === null) return typeof node === 'string' ? node : '';
  const fields = node as Readonly<Record<string, unknown>>;
  if (Array.isArray(fields['item'])) return fields['item'].map(plain);
  const named = Object.entries(fields).filter(([name]) => name !== '#text');
  return Object.fromEntries(named.map(([name, value]) => [name, plain(value)]));
}

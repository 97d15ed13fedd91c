import { XMLParser } from 'fast-xml-parser';
import { signRequest } from '#libs/protocol';
import { LabError } from '../errors.js';
import { REGION, type AccessKey } from '../keys.js';

const API_VERSION = '2016-11-15';

/** Part of an answer; whatever may come several times is `item` there. */
export interface XmlNode {
  readonly [name: string]: XmlNode | string | readonly XmlNode[] | undefined;
}

/** Speaks to the control plane as any EC2 client does. */
export class Ec2Client {
  readonly #endpoint: URL;
  readonly #key: AccessKey;

  constructor(endpoint: string, key: AccessKey) {
    this.#endpoint = new URL(endpoint);
    this.#key = key;
  }

  /** A refusal is thrown, in the control plane's own words. */
  async call(action: string, parameters: Readonly<Record<string, string | number>> = {}): Promise<XmlNode> {
    const fields = Object.entries(parameters).map(([name, value]) => [name, String(value)]);
    const body = new URLSearchParams([['Action', action], ['Version', API_VERSION], ...fields]).toString();
    const contentType = 'application/x-www-form-urlencoded; charset=utf-8';
    const response = await this.#send('POST', '/', 'ec2', { 'content-type': contentType }, body);
    const answer = parse(await response.text());
    if (response.ok) return child(answer, `${action}Response`);
    const error = items(child(child(answer, 'Response'), 'Errors'), 'Error')[0];
    throw new LabError(
      `${action}: ${error ? `${textOf(error, 'Code')}: ${textOf(error, 'Message')}` : response.status}`,
    );
  }

  /** The native API, which has what EC2 has no words for. */
  async get(path: string): Promise<unknown> {
    const response = await this.#send('GET', path, 'rampart', {}, '');
    if (!response.ok) throw new LabError(`GET ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  #send(
    method: 'GET' | 'POST',
    path: string,
    service: 'ec2' | 'rampart',
    more: Readonly<Record<string, string>>,
    body: string,
  ): Promise<Response> {
    const headers = { ...more, host: this.#endpoint.host };
    const request = { method, path, query: '', headers, body };
    const signature = signRequest(request, this.#key, {
      region: REGION,
      service,
      time: new Date().toISOString(),
    });
    const url = new URL(path, this.#endpoint);
    return fetch(url, {
      method,
      headers: { ...more, ...signature },
      signal: AbortSignal.timeout(5_000),
      ...(method === 'POST' ? { body } : {}),
    });
  }
}

const parser = new XMLParser({
  parseTagValue: false,
  ignoreDeclaration: true,
  ignoreAttributes: true,
  isArray: (name) => name === 'item' || name === 'Error',
});

const parse = (text: string): XmlNode => parser.parse(text) as XmlNode;

/** An empty or absent element is a node without children. */
export function child(node: XmlNode, name: string): XmlNode {
  const found = node[name];
  return typeof found === 'object' && !Array.isArray(found) ? (found as XmlNode) : {};
}

export function items(node: XmlNode, name = 'item'): readonly XmlNode[] {
  const found = node[name];
  return Array.isArray(found) ? (found as readonly XmlNode[]) : [];
}

export function textOf(node: XmlNode, name: string): string | undefined {
  const found = node[name];
  return typeof found === 'string' ? found : undefined;
}

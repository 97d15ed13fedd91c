import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { expect, it } from 'vitest';
import { signRequest } from '#libs/protocol';

/** What Amazon's signer asks of its surroundings. */
class Sha256 {
  readonly #hash;

  constructor(secret?: never) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }

  update(data: never): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

it.each([
  ['a form', 'POST', '/', '', 'Action=DescribeSecurityGroups&Version=2016-11-15', 'ec2'],
  ['an empty body', 'GET', '/v1/hosts', '', '', 'rampart'],
  ['a query', 'GET', '/', 'b=2&a=%2A%20x&a=1&c=', '', 'ec2'],
  ['unicode', 'POST', '/', '', 'GroupDescription=ünïcödé 🧱', 'ec2'],
])('signs %s as Amazon’s own signer does', async (_what, method, path, query, body, service) => {
  const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  const headers = {
    host: '127.0.0.1:8770',
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-rampart-wait': '2.5',
  };
  const [region, time] = ['eu-central-1', '2026-11-22T23:55:09.123Z'];
  const params: Record<string, string | string[]> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const known = params[name];
    params[name] = known === undefined ? value : [known, value].flat();
  }
  const signer = new SignatureV4({ service, region, credentials: key, sha256: Sha256 as never });
  const amazons = await signer.sign(
    {
      method,
      path,
      query: params,
      headers,
      body,
      protocol: 'http:',
      hostname: '127.0.0.1',
      port: 8770,
    },
    { signingDate: new Date(time) },
  );
  expect(signRequest({ method, path, query, headers, body }, key, { region, service, time })).toEqual({
    authorization: amazons.headers['authorization'],
    'x-amz-date': amazons.headers['x-amz-date'],
    'x-amz-content-sha256': amazons.headers['x-amz-content-sha256'],
  });
});

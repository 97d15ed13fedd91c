import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signRequest } from '#libs/protocol';
import { answerFrom, Ec2Client, first, items, type Ec2Answer } from '../support/ec2-client.js';
import { Installation } from '../support/installation.js';
import { amazonsSigner } from '../support/signed.js';

// The edge as strangers meet it: a control plane as it runs everywhere, and requests that nobody should send.

let installation: Installation;
let ec2: Ec2Client;
let key: { readonly accessKeyId: string; readonly secretAccessKey: string };
beforeAll(async () => {
  installation = await Installation.start(1, { RAMPART_LONGEST_BODY: '200000' });
  ec2 = new Ec2Client(installation.environment);
  key = {
    accessKeyId: installation.environment['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: installation.environment['AWS_SECRET_ACCESS_KEY'] ?? '',
  };
});
afterAll(async () => installation[Symbol.asyncDispose]());

type Headers = Readonly<Record<string, string | string[]>>;

/** Sends headers as they are, several times where there are several values. */
async function sent(method: string, path: string, headers: Headers, body = ''): Promise<Ec2Answer> {
  const request = httpRequest(new URL(path, ec2.url), { method, headers, agent: false });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return answerFrom(response.statusCode ?? 0, await text(response));
}

const host = (): string => new URL(ec2.url).host;
const signed = (headers: Readonly<Record<string, string>>, body: string, time = new Date()) => ({
  ...headers,
  ...signRequest({ method: 'POST', path: '/', query: '', headers: { host: host(), ...headers }, body }, key, {
    region: 'anywhere-1',
    service: 'ec2',
    time: time.toISOString(),
  }),
});

describe('a signature', () => {
  const BODY = 'Action=DescribeVpcs';

  it('may have headers that come twice, and that have many spaces', async () => {
    const headers = { 'x-twice': 'a,b', 'x-spaces': 'a   b' };
    const answer = await sent(
      'POST',
      '/',
      { ...signed(headers, BODY), 'x-twice': ['a', 'b'], 'x-spaces': '  a   b ' },
      BODY,
    );
    expect(answer).toMatchObject({ status: 200, code: undefined });
  });

  it('may stand in the query string, as in links that Amazon’s signer makes', async () => {
    const presigned = await amazonsSigner(key, 'ec2', 'eu-north-1').presign({
      method: 'GET',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: '/',
      query: { Action: 'DescribeVpcs', 'Filter.1.Name': 'vpc-id', 'Filter.1.Value.1': '* ü+/' },
      headers: { host: host() },
    });
    const query = Object.entries(presigned.query ?? {}).map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`,
    );
    const answer = await sent('GET', `/?${query.join('&')}`, { host: host() });
    expect(answer).toMatchObject({ status: 200, code: undefined });
  });

  it('a presigned link into the native API, whose signature is no parameter that nobody knows', async () => {
    const presigned = await amazonsSigner(key, 'rampart', 'eu-north-1').presign({
      method: 'GET',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: '/v1/changes',
      query: { limit: '1' },
      headers: { host: host() },
    });
    const query = new URLSearchParams(presigned.query as Record<string, string>);
    const { status } = await fetch(`http://${host()}/v1/changes?${query.toString()}`);
    expect(status).toBe(200);
  });

  it.each<[string, number, string, () => Headers]>([
    ['that is not there', 403, 'MissingAuthenticationToken', () => ({})],
    [
      'of sixteen minutes ago',
      400,
      'RequestExpired',
      () => signed({}, BODY, new Date(Date.now() - 16 * 60_000)),
    ],
    [
      'of a clock that is ahead',
      400,
      'RequestExpired',
      () => signed({}, BODY, new Date(Date.now() + 16 * 60_000)),
    ],
    ['of another body', 403, 'SignatureDoesNotMatch', () => signed({}, `${BODY}x`)],
    [
      'with a session token',
      403,
      'InvalidClientTokenId',
      () => ({ ...signed({}, BODY), 'x-amz-security-token': 'x' }),
    ],
    [
      'of an unknown key',
      401,
      'AuthFailure',
      () => ({
        ...signed({}, BODY),
        authorization: signed({}, BODY).authorization?.replace('AKID', 'AKIX') ?? '',
      }),
    ],
    [
      'cut short',
      400,
      'IncompleteSignature',
      () => ({ ...signed({}, BODY), authorization: 'AWS4-HMAC-SHA256 Credential=' }),
    ],
  ])('%s is answered with %s %s', async (_what, status, code, headers) => {
    const answer = await sent('POST', '/', headers(), BODY);
    expect(answer).toMatchObject({ status, code });
    expect(answer.text).toMatch(/<RequestID>[0-9a-f-]{36}<\/RequestID>/);
  });
});

describe('a request that is too much', () => {
  it('in bytes is refused in EC2’s words', async () => {
    const answer = await ec2.ask('DescribeVpcs', { Long: 'x'.repeat(200_001) });
    expect(answer).toMatchObject({ status: 413, code: 'RequestEntityTooLarge' });
    expect(answer.message).toContain('200000 bytes');
    expect(answer.text).toMatch(/^<\?xml .*<RequestID>/s);
  });

  it('in parameters is refused in EC2’s words', async () => {
    const many = Array.from({ length: 20_001 }, (_, index) => `A.${index}`).join('&');
    expect(await ec2.send(`Action=DescribeVpcs&${many}`)).toMatchObject({
      status: 413,
      code: 'RequestEntityTooLarge',
    });
  });

  it('in one parameter, or in ten thousand, is answered when it may be', async () => {
    expect((await ec2.ask('DescribeVpcs', { Long: 'x'.repeat(190_000) })).status).toBe(200);
    const many = Array.from({ length: 10_000 }, (_, index) => `Z.${index}.A=1`).join('&');
    expect((await ec2.send(`Action=DescribeVpcs&${many}`)).status).toBe(200);
  });

  it('in filters is refused', async () => {
    const filters = Object.fromEntries(
      Array.from({ length: 51 }, (_, index) => [`Filter.${index}.Name`, 'vpc-id']),
    );
    expect((await ec2.ask('DescribeVpcs', filters)).code).toBe('FilterLimitExceeded');
    const long = { 'Filter.1.Name': 'description', 'Filter.1.Value.1': '*a'.repeat(600) };
    expect((await ec2.ask('DescribeSecurityGroups', long)).code).toBe('InvalidParameterValue');
  });
});

describe('whatever else comes', () => {
  it('as a body of any type is read as a form', async () => {
    for (const type of ['application/json', 'text/plain', 'multipart/form-data'])
      expect([
        type,
        (
          await sent(
            'POST',
            '/',
            signed({ 'content-type': type }, 'Action=DescribeVpcs'),
            'Action=DescribeVpcs',
          )
        ).status,
      ]).toEqual([type, 200]);
  });

  it('as a body of no type at all as well, and a type that is none is refused in EC2’s words', async () => {
    const body = 'Action=DescribeVpcs';
    expect((await sent('POST', '/', signed({}, body), body)).status).toBe(200);
    const answer = await sent('POST', '/', signed({ 'content-type': 'x' }, body), body);
    expect(answer).toMatchObject({ status: 415, code: 'InvalidRequest' });
  });

  it('as bytes that are no HTTP ends that connection only', async () => {
    const { hostname, port } = new URL(ec2.url);
    for (const bytes of [
      '\u0000\u0001\u0002\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`,
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n',
    ]) {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.write(bytes);
      expect(await text(socket).catch(() => 'HTTP/1.1 4xx')).toMatch(/^HTTP\/1\.1 4/);
    }
    expect((await ec2.ask('DescribeVpcs')).status).toBe(200);
  });

  const word = fc.oneof(
    fc.constantFrom(
      '',
      '1',
      '-1',
      '0',
      '65536',
      '1e9',
      'NaN',
      'true',
      '*',
      '*a*a*a*a*b',
      '\\',
      '__proto__',
      'constructor',
      ']]>',
      '<&>',
      '\u0000',
      '\uD800',
      '🧱',
      '0.0.0.0/0',
      '10.0.0.0/33',
      '::/0',
      '::1%lo',
      '1.2.3.4',
      'sg-1a2b3c4d',
      'i-1a2b3c4d',
      'default',
      'tcp',
      'icmpv6',
      '51',
      '999',
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
  );
  const name = fc.oneof(
    fc.constantFrom(
      'GroupId',
      'GroupName',
      'GroupDescription',
      'IpProtocol',
      'FromPort',
      'ToPort',
      'CidrIp',
      'IpPermissions.1.IpProtocol',
      'IpPermissions.1.FromPort',
      'IpPermissions.1.ToPort',
      'IpPermissions.1.IpRanges.1.CidrIp',
      'IpPermissions.2.Ipv6Ranges.9.CidrIpv6',
      'IpPermissions.1.Groups.1.GroupId',
      'SecurityGroupRuleId.1',
      'Filter.1.Name',
      'Filter.1.Value.1',
      'Filter.1.Value.x',
      'InstanceId.1',
      'ImageId',
      'MinCount',
      'MaxCount',
      'SecurityGroupId.1',
      'NextToken',
      'MaxResults',
      'ClientToken',
      'DryRun',
      'TagSpecification.1.ResourceType',
      'TagSpecification.1.Tag.1.Key',
      'Attribute',
      'VpcId.1',
      'PrivateIpAddress',
      'Placement.HostId',
    ),
    word,
  );
  const action = fc.constantFrom(
    'CreateSecurityGroup',
    'DeleteSecurityGroup',
    'DescribeSecurityGroups',
    'AuthorizeSecurityGroupIngress',
    'RevokeSecurityGroupEgress',
    'RunInstances',
    'DescribeInstances',
    'TerminateInstances',
    'DescribeInstanceAttribute',
    'DescribeNetworkInterfaces',
    'DescribeVpcs',
    'DescribeImages',
    'ModifyInstanceAttribute',
    '__proto__',
    'toString',
  );

  it('as parameters without sense is answered with sense', async () => {
    await fc.assert(
      fc.asyncProperty(
        action,
        fc.array(fc.tuple(name, word), { maxLength: 12 }),
        async (Action, parameters) => {
          const body = new URLSearchParams([['Action', Action], ...parameters]).toString();
          const answer = await ec2.send(body);
          const isSense = answer.status === 200 || (answer.status >= 400 && answer.status < 500);
          expect([body, answer.status, answer.code, isSense]).toEqual([
            body,
            answer.status,
            answer.code,
            true,
          ]);
        },
      ),
      { numRuns: 200, seed: 20261125 },
    );
  });

  it('is done as a whole or not at all', async () => {
    const GroupName = 'whole';
    await ec2.ask('CreateSecurityGroup', { GroupName, GroupDescription: 'x' });
    const rules = async (): Promise<string> => {
      const { content } = await ec2.ask('DescribeSecurityGroups', { 'GroupName.1': GroupName });
      return JSON.stringify(first(items(content.securityGroupInfo)).ipPermissions);
    };
    const cidr = fc.oneof(
      { weight: 9, arbitrary: fc.nat(255).map((byte) => `10.0.${byte}.0/24`) },
      fc.constantFrom('10.0.0.0', '10.0.0.0/33', 'x', '::/0'),
    );
    const port = fc.oneof(
      { weight: 9, arbitrary: fc.nat(3).map(String) },
      fc.constantFrom('-2', '65536', 'x', ''),
    );
    let [before, accepted] = [await rules(), 0];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cidr, port), { minLength: 1, maxLength: 4 }),
        async (permissions) => {
          const parameters = permissions.flatMap(([block, number], index) => [
            [`IpPermissions.${index + 1}.IpProtocol`, 'tcp'],
            [`IpPermissions.${index + 1}.FromPort`, number],
            [`IpPermissions.${index + 1}.ToPort`, number],
            [`IpPermissions.${index + 1}.IpRanges.1.CidrIp`, block],
          ]);
          const wish = { GroupName, ...(Object.fromEntries(parameters) as Record<string, string>) };
          const answer = await ec2.ask('AuthorizeSecurityGroupIngress', wish);
          const after = await rules();
          if (answer.status !== 200) expect(after).toBe(before);
          else {
            accepted++;
            for (const [block] of permissions) expect(after).toContain(block);
            await ec2.ask('RevokeSecurityGroupIngress', wish);
          }
          before = await rules();
        },
      ),
      { numRuns: 100, seed: 20261125 },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});

describe('throttling', () => {
  it('holds each kind of request to its own pace, with what SDKs wait and try again on', async () => {
    await using slow = await Installation.start(0, {
      RAMPART_THROTTLE_READS: '0.001:3',
      RAMPART_THROTTLE_CHANGES: '0.001:1',
    });
    const client = new Ec2Client(slow.environment);
    const statuses = async (action: string, times: number): Promise<readonly number[]> => {
      const answers: number[] = [];
      for (let time = 0; time < times; time++) answers.push((await client.ask(action)).status);
      return answers;
    };
    expect(await statuses('DescribeVpcs', 5)).toEqual([200, 200, 200, 503, 503]);
    expect(await statuses('DeleteSecurityGroup', 3)).toEqual([400, 503, 503]);
    expect((await client.ask('DescribeVpcs')).code).toBe('RequestLimitExceeded');
  });
});

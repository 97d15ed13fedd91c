import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signRequest, verifySignature, type SignableRequest } from '#libs/protocol';
import { amazonsSigner } from '../support/signed.js';

const KEY = { accessKeyId: 'AKIDEXAMPLE12345', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const HOST = '127.0.0.1:8770';
const SIGNED_AT = '2026-11-22T23:55:09.000Z';

type Query = Readonly<Record<string, string | string[]>>;

interface Plain {
  readonly method: string;
  readonly path: string;
  readonly query: Query;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const forAmazon = ({ query, ...request }: Plain) => ({
  ...request,
  query: { ...query },
  protocol: 'http:',
  hostname: '127.0.0.1',
  port: 8770,
});

/** As it goes over the wire. */
const queryText = (query: Query): string =>
  Object.entries(query)
    .flatMap(([name, values]) =>
      [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
    )
    .join('&');

async function signedByHeader(request: Plain, service: string, region: string): Promise<SignableRequest> {
  const signed = await amazonsSigner(KEY, service, region).sign(forAmazon(request), {
    signingDate: new Date(SIGNED_AT),
  });
  return { ...request, query: queryText(request.query), headers: signed.headers };
}

async function signedByQuery(
  request: Plain,
  service: string,
  region: string,
  expiresIn = 900,
): Promise<SignableRequest> {
  const signed = await amazonsSigner(KEY, service, region).presign(forAmazon(request), {
    signingDate: new Date(SIGNED_AT),
    expiresIn,
  });
  return { ...request, query: queryText(signed.query as Query), headers: signed.headers };
}

const verified = (request: SignableRequest, millisecondsLater = 0) =>
  verifySignature(
    request,
    (id) => (id === KEY.accessKeyId ? KEY : undefined),
    (moment) => Date.parse(SIGNED_AT) + millisecondsLater - Date.parse(moment),
  );
const YES = { verified: true, accessKeyId: KEY.accessKeyId };
const no = (code: string): object => expect.objectContaining({ verified: false, code }) as object;

it('signs alike whatever was signed before, and otherwise for another day, region or secret', () => {
  const request = { method: 'POST', path: '/', query: '', headers: { host: 'a' }, body: 'Action=A' };
  const signed = (secretAccessKey: string, region: string, day: string): string | undefined =>
    signRequest(
      request,
      { accessKeyId: 'AKIDEXAMPLE', secretAccessKey },
      { region, service: 'ec2', time: `2026-11-${day}T00:00:00Z` },
    )['authorization'];
  const first = signed('one', 'us-east-1', '01');
  const others = [
    signed('two', 'us-east-1', '01'),
    signed('one', 'us-east-2', '01'),
    signed('one', 'us-east-1', '02'),
  ];
  expect(new Set([first, ...others]).size).toBe(4);
  for (let n = 0; n < 2000; n++) signed('one', `region-${n}`, '01');
  expect(signed('one', 'us-east-1', '01')).toBe(first);
});

it.each([
  ['a form', 'POST', '/', {}, 'Action=DescribeSecurityGroups&Version=2016-11-15', 'ec2'],
  ['an empty body', 'GET', '/v1/hosts', {}, '', 'rampart'],
  ['a query', 'GET', '/', { b: '2', a: ['* x', '1'], c: '' }, '', 'ec2'],
  ['unicode', 'POST', '/', {}, 'GroupDescription=ünïcödé 🧱', 'ec2'],
])('signs %s as Amazon’s own signer does', async (_what, method, path, query, body, service) => {
  const headers = {
    host: HOST,
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'x-rampart-wait': '2.5',
  };
  const amazons = await signedByHeader({ method, path, query, headers, body }, service, 'eu-central-1');
  const ours = signRequest({ method, path, query: queryText(query), headers, body }, KEY, {
    region: 'eu-central-1',
    service,
    time: SIGNED_AT,
  });
  expect(ours).toEqual({
    authorization: amazons.headers['authorization'],
    'x-amz-date': amazons.headers['x-amz-date'],
    'x-amz-content-sha256': amazons.headers['x-amz-content-sha256'],
  });
});

const anything = fc.string({ unit: 'grapheme', maxLength: 12 });
const headerValue = fc
  .array(fc.constantFrom('a', 'B', '9', ' ', '  ', ',', ';', '=', '"', '%20', '+'), { maxLength: 8 })
  .map((all) => all.join(''));
const request: fc.Arbitrary<Plain> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT'),
  path: fc
    .array(fc.constantFrom('v1', 'a b', 'ü', '100%', 'x+y', '~', 'a%2Fb', '(*)'), { maxLength: 3 })
    .map((parts) => `/${parts.map(encodeURIComponent).join('/')}`),
  query: fc.dictionary(
    anything.filter((name) => name !== '' && name !== '__proto__' && !name.toLowerCase().startsWith('x-amz')),
    fc.oneof(anything, fc.array(anything, { minLength: 2, maxLength: 3 })),
    { maxKeys: 4, noNullPrototype: true },
  ),
  headers: fc
    .dictionary(fc.constantFrom('x-rampart-wait', 'content-type', 'x-b', 'x-a'), headerValue, {
      noNullPrototype: true,
    })
    .map((headers) => ({ ...headers, host: HOST })),
  body: anything,
});
const service = fc.constantFrom('ec2', 'sts', 'rampart');
const region = fc.stringMatching(/^[a-z0-9-]{1,20}$/);

describe('any request that Amazon’s own signer signed', () => {
  it('is recognized by its header, and by nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(request, service, region, async (plain, scope, place) => {
        const signed = await signedByHeader(plain, scope, place);
        expect(verified(signed)).toEqual(YES);
        const { headers } = signed;
        for (const other of [
          { ...signed, body: `${plain.body}x` },
          { ...signed, method: `${plain.method}X` },
          { ...signed, path: `${plain.path}x` },
          { ...signed, query: `${signed.query}&x=1` },
          { ...signed, headers: { ...headers, host: 'elsewhere' } },
        ])
          expect(verified(other)).toEqual(no('SignatureDoesNotMatch'));
      }),
      { numRuns: 300 },
    );
  });

  it('is recognized by its query string, and by nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(request, service, region, async (plain, scope, place) => {
        const signed = await signedByQuery(plain, scope, place);
        expect(verified(signed)).toEqual(YES);
        for (const other of [
          { ...signed, body: `${plain.body}x` },
          { ...signed, query: `${signed.query}&x=1` },
          { ...signed, query: signed.query.replace('X-Amz-Expires=900', 'X-Amz-Expires=9000') },
          { ...signed, headers: { ...signed.headers, host: 'elsewhere' } },
        ])
          expect(verified(other)).toEqual(no('SignatureDoesNotMatch'));
      }),
      { numRuns: 300 },
    );
  });

  it('may leave its body out of the signature, if it says so', async () => {
    const headers = { host: HOST, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    const signed = await signedByHeader(
      { method: 'POST', path: '/', query: {}, headers, body: 'a=1' },
      'ec2',
      'x',
    );
    expect(verified({ ...signed, body: 'b=2' })).toEqual(YES);
    const bound = await signedByHeader(
      { method: 'POST', path: '/', query: {}, headers: { host: HOST }, body: 'a=1' },
      'ec2',
      'x',
    );
    const stripped = { ...bound.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
    expect(verified({ ...bound, headers: stripped, body: 'b=2' })).toEqual(no('SignatureDoesNotMatch'));
  });
});

describe('a signature', () => {
  const PLAIN: Plain = { method: 'POST', path: '/', query: {}, headers: { host: HOST }, body: 'Action=X' };
  const MINUTE = 60_000;

  it('is good for fifteen minutes around its date', async () => {
    const signed = await signedByHeader(PLAIN, 'ec2', 'us-east-1');
    expect(verified(signed, 15 * MINUTE)).toEqual(YES);
    expect(verified(signed, -15 * MINUTE)).toEqual(YES);
    expect(verified(signed, 15 * MINUTE + 1)).toEqual(no('RequestExpired'));
    expect(verified(signed, -15 * MINUTE - 1)).toEqual(no('RequestExpired'));
  });

  it('in a query string is good for as long as it says', async () => {
    const signed = await signedByQuery(PLAIN, 'ec2', 'us-east-1', 120);
    expect(verified(signed, 2 * MINUTE)).toEqual(YES);
    expect(verified(signed, 2 * MINUTE + 1)).toEqual(no('RequestExpired'));
  });

  it('with a session token is refused, whatever else is right', async () => {
    const signer = amazonsSigner({ ...KEY, sessionToken: 'session' }, 'ec2', 'us-east-1');
    const at = { signingDate: new Date(SIGNED_AT) };
    const signed = await signer.sign(forAmazon(PLAIN), at);
    expect(verified({ ...PLAIN, query: '', headers: signed.headers })).toEqual(no('InvalidClientTokenId'));
    const presigned = await signer.presign(forAmazon(PLAIN), at);
    expect(verified({ ...PLAIN, query: queryText(presigned.query as Query) })).toEqual(
      no('InvalidClientTokenId'),
    );
  });

  it.each<[string, RegExp, string, string]>([
    ['another key', /AKIDEXAMPLE12345/, 'AKIDEXAMPLE00000', 'AuthFailure'],
    ['another service', /\/ec2\//, '/s3/', 'SignatureDoesNotMatch'],
    ['another region', /\/us-east-1\//, '/mars-1/', 'SignatureDoesNotMatch'],
    ['another day', /20261122\//, '20261121/', 'IncompleteSignature'],
    ['a longer credential', /aws4_request/, 'aws4_request/x', 'IncompleteSignature'],
    ['no signature', /Signature=[0-9a-f]+/, '', 'IncompleteSignature'],
    ['half a signature', /[0-9a-f]{32}$/, '', 'SignatureDoesNotMatch'],
    ['a signature of other characters', /[0-9a-f]{64}$/, 'ü'.repeat(64), 'SignatureDoesNotMatch'],
    ['another algorithm', /AWS4-HMAC-SHA256/, 'AWS4-HMAC-SHA1', 'IncompleteSignature'],
    ['no host among its headers', /host;/, '', 'SignatureDoesNotMatch'],
    ['no date among its headers', /;x-amz-date/, '', 'SignatureDoesNotMatch'],
    [
      'headers that every object has',
      /SignedHeaders=/,
      'SignedHeaders=__proto__;constructor;tostring;',
      'SignatureDoesNotMatch',
    ],
    ['nothing', /.*/, '', 'IncompleteSignature'],
  ])('with %s is refused', async (_what, part, replacement, code) => {
    const { headers, ...rest } = await signedByHeader(PLAIN, 'ec2', 'us-east-1');
    const authorization = headers['authorization']?.replace(part, replacement) ?? '';
    expect(verified({ ...rest, headers: { ...headers, authorization } })).toEqual(no(code));
  });

  it('that is missing, doubled or without a date is told apart', async () => {
    const { headers, ...rest } = await signedByHeader(PLAIN, 'ec2', 'us-east-1');
    const { authorization = '', 'x-amz-date': date, ...others } = headers;
    expect(verified({ ...rest, headers: others })).toEqual(no('MissingAuthenticationToken'));
    expect(verified({ ...rest, headers: { ...others, authorization } })).toEqual(no('IncompleteSignature'));
    expect(verified({ ...rest, headers: { ...headers, 'x-amz-date': '20261322T995509Z' } })).toEqual(
      no('IncompleteSignature'),
    );
    expect(verified({ ...rest, headers, query: 'X-Amz-Signature=1' })).toEqual(no('IncompleteSignature'));
    expect(date).toBeDefined();
  });

  it('in any shape breaks nothing', () => {
    const piece = fc.constantFrom(
      'AWS4-HMAC-SHA256 ',
      'Credential=',
      `${KEY.accessKeyId}/20261122/x/ec2/aws4_request`,
      ', SignedHeaders=',
      'host;x-amz-date',
      '__proto__',
      ', Signature=',
      '\u0000',
      'ü',
      '/',
      '=',
      ',',
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((all) => all.join('')),
        anything,
        (authorization, query) => {
          const headers = { host: HOST, 'x-amz-date': '20261122T235509Z', authorization };
          expect(verified({ method: 'POST', path: '/', query, headers, body: '' }).verified).toBe(false);
        },
      ),
    );
  });
});

import { expect, it } from 'vitest';
import { parseCidr } from '#libs/domain';
import { parseTraffic, QueryParameters, verifySignature, xmlDocument } from '#libs/protocol';
import { matcherFrom } from '../../apps/control-plane/src/ec2/wildcards.js';
import { growthOf } from '../support/growth.js';

// A request takes no longer than its size explains. Sixteen times the size would be 256 times the work if anything
// were quadratic; 64 leaves room for all that is not.

const TIMES = 16;
const TOO_MUCH = 64;
const numbered = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join('&');

it.each<[string, number, (size: number) => void]>([
  [
    'permissions one by one, each with its peers',
    600,
    (size) => {
      const text = numbered(
        size,
        (n) => `IpPermissions.${n}.IpProtocol=tcp&IpPermissions.${n}.IpRanges.1.CidrIp=x`,
      );
      for (const one of QueryParameters.parse(text).structures('IpPermissions'))
        for (const range of one.structures('IpRanges')) range.text('CidrIp');
    },
  ],
  [
    'the same name over and over',
    1200,
    (size) => void QueryParameters.parse(numbered(size, () => 'A.1=x')).list('A'),
  ],
  [
    'numbers far apart, backwards',
    1200,
    (size) => void QueryParameters.parse(numbered(size, (n) => `A.${999_999_999 - n * 1000}=x`)).list('A'),
  ],
  ['one name of many parts', 60_000, (size) => void QueryParameters.parse(`${'A.1.'.repeat(size / 4)}=x`)],
  ['one long value', 60_000, (size) => void QueryParameters.parse(`A=${'%41'.repeat(size / 3)}`).text('A')],
  [
    'a long Authorization header',
    60_000,
    (size) => verified(`AWS4-HMAC-SHA256 ${'Credential=,'.repeat(size / 12)}`),
  ],
  [
    'many headers said to be signed',
    60_000,
    (size) =>
      verified(
        `AWS4-HMAC-SHA256 Credential=${KEY}, Signature=x, SignedHeaders=host;x-amz-date;${'a;'.repeat(size / 2)}`,
      ),
  ],
  [
    'a header full of spaces',
    60_000,
    (size) =>
      verified(
        `AWS4-HMAC-SHA256 Credential=${KEY}, Signature=x, SignedHeaders=host;x-amz-date;x`,
        ' '.repeat(size),
      ),
  ],
  [
    'text to be escaped',
    60_000,
    (size) => void Array.from(xmlDocument('A', { a: '<]]>\u0000'.repeat(size / 5) })),
  ],
  [
    'what is no CIDR block',
    60_000,
    (size) => [':', '1.', '::', '1/', '0'].forEach((part) => parseCidr(part.repeat(size))),
  ],
  ['what is no port', 60_000, (size) => void parseTraffic('tcp', '1'.repeat(size), '-'.repeat(size))],
])('%s', (_what, small, work) => {
  expect(growthOf(work, small, small * TIMES)).toBeLessThan(TOO_MUCH);
});

it('a pattern with as many stars as it has letters takes no more than its length times the value’s', () => {
  const work = (size: number): void => void matcherFrom(`${'*a'.repeat(size)}*b`)('a'.repeat(size * 2));
  expect(growthOf(work, 200, 200 * 8)).toBeLessThan(8 * 8 * 4);
});

const KEY = 'AKIDEXAMPLE12345/20261122/x/ec2/aws4_request';

function verified(authorization: string, x = ''): void {
  const headers = { host: 'x', 'x-amz-date': '20261122T235509Z', authorization, x };
  const key = { accessKeyId: 'AKIDEXAMPLE12345', secretAccessKey: 'secret' };
  verifySignature(
    { method: 'POST', path: '/', query: '', headers, body: '' },
    () => key,
    () => 0,
  );
}

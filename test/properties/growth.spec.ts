import { expect, it } from 'vitest';
import {
  decide,
  evolve,
  initialCellState,
  parseCidr,
  type CellState,
  type Command,
  type HostId,
} from '#libs/domain';
import { parseTraffic, QueryParameters, verifySignature, xmlDocument } from '#libs/protocol';
import { matcherFrom } from '../../apps/control-plane/src/ec2/wildcards.js';
import { ReceiptBoard } from '../../apps/control-plane/src/receipts/receipt-board.js';
import { accountId, enrollHost, openAccount } from '../support/cell.js';
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
  ['hosts that enrol one after the other', 150, (size) => void cellOf(size)],
  ['instances launched at once onto as many hosts', 150, (size) => void decide(launch(size), cellOf(size))],
  ['instances launched at once onto one host', 150, (size) => void decide(launch(size, 'host-0'), cellOf(1))],
  [
    'hosts that come back after changes that are done',
    200,
    (size) => {
      const board = new ReceiptBoard();
      const change = { time: '', requestId: '' };
      for (let n = 1; n <= size; n++) board.open({ ...change, first: n, position: n }, [], 0);
      for (let n = 1; n <= size; n++)
        board.confirm({ hostId: `host-${n}` as HostId, enforced: [], upTo: size }, 0);
    },
  ],
  ['what is no port', 60_000, (size) => void parseTraffic('tcp', '1'.repeat(size), '-'.repeat(size))],
])('%s', (_what, small, work) => {
  expect(growthOf(work, small, small * TIMES)).toBeLessThan(TOO_MUCH);
});

it('a pattern with as many stars as it has letters takes no more than its length times the value’s', () => {
  const work = (size: number): void => void matcherFrom(`${'*a'.repeat(size)}*b`)('a'.repeat(size * 2));
  expect(growthOf(work, 200, 200 * 8)).toBeLessThan(8 * 8 * 4);
});

/** A cell with an account, and hosts of which each has a range. */
function cellOf(hosts: number): CellState {
  const state = initialCellState();
  const execute = (command: object): void => {
    const decision = decide(command as Command, state);
    if (!decision.accepted) throw new Error(JSON.stringify(decision.refusal));
    for (const event of decision.events) evolve(state, event);
  };
  execute(openAccount());
  for (let n = 0; n < hosts; n++) execute(enrollHost(`host-${n}`, `10.${n >> 4}.${(n & 15) << 4}.0/20`));
  return state;
}

const launch = (count: number, hostId?: string): Command =>
  ({
    type: 'LaunchInstances',
    accountId,
    reservationId: 'r-1',
    instanceIds: Array.from({ length: count }, (_, n) => `i-${String(n).padStart(8, '0')}`),
    atLeast: count,
    groups: [],
    imageId: 'ami-1',
    instanceType: 'x',
    ...(hostId === undefined ? {} : { hostId }),
  }) as never;

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

import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { cidrContains, parseCidr, partsOf } from './cidr.js';
import { parseIpAddress, type IpAddress } from './ip-address.js';

it.each([
  ['100.68.0.18/18', '100.68.0.0/18'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['::/0', '::/0'],
  ['2001:DB8:0:0:1::1/64', '2001:db8::/64'],
  ['::ffff:1.2.3.4/128', '::ffff:102:304/128'],
])('%s is %s', (text, canonical) => {
  expect(parseCidr(text)).toBe(canonical);
});

it.each([
  ['', '/', '/0', '1.2.3.4', '1.2.3.4/', '1.2.3.4/33', '1.2.3.4/-1', '1.2.3.4/08', '1.2.3.4/8/8', '1.2.3/8'],
  [
    '01.2.3.4/8',
    '0x1.2.3.4/8',
    '1.2.3.256/8',
    ' 1.2.3.4/8',
    '1.2.3.4/8 ',
    '1.2.3.4/8\n',
    '１.2.3.4/8',
    '1.2.3.4/1e1',
  ],
  [
    '::/129',
    ':::/0',
    '1::2::3/64',
    '1:2:3:4:5:6:7/64',
    '1:2:3:4:5:6:7:8:9/64',
    '::1%lo/128',
    '12345::/16',
    'g::/16',
  ],
])('%j, %j, … are no blocks', (...texts) => {
  for (const text of texts) expect([text, parseCidr(text)]).toEqual([text, undefined]);
});

const nearly = fc
  .array(fc.oneof(fc.nat(300).map(String), fc.constantFrom('.', ':', '::', '/', 'ff', '0', ' ', '-', '%')), {
    maxLength: 20,
  })
  .map((parts) => parts.join(''));

it('any text is a block in its one canonical form, or none', () => {
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string({ unit: 'binary' })), (text) => {
      const cidr = parseCidr(text);
      if (cidr !== undefined) expect(parseCidr(cidr)).toBe(cidr);
    }),
    { numRuns: 2000 },
  );
});

it.each([
  ['IPv4', fc.ipV4(), 32],
  ['IPv6', fc.ipV6(), 128],
] as const)('any %s address is in its own block, whatever its length', (_family, addresses, bits) => {
  fc.assert(
    fc.property(addresses, fc.nat(bits), (text, length) => {
      const [address, cidr] = [parseIpAddress(text), parseCidr(`${text}/${length}`)];
      if (address === undefined || cidr === undefined) throw new Error(`${text}/${length} is not understood`);
      expect(cidrContains(cidr, address)).toBe(true);
      expect(partsOf(cidr)).toMatchObject({ prefixLength: length });
      expect(parseIpAddress(address)).toBe(address satisfies IpAddress);
    }),
  );
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DataType } from '#libs/compiler';
import { addressFromValue } from '#libs/domain';
import { keyLength, readKey, UnfitError, writeKey } from './data-types.js';

const parts: Readonly<Record<DataType, fc.Arbitrary<string | number>>> = {
  ifname: fc.stringMatching(/^[a-z0-9_.-]{0,15}$/),
  mark: fc.nat(0xffffffff),
  classid: fc.nat(0xffffffff),
  ipv4_addr: fc.nat(0xffffffff).map((value) => addressFromValue(4, BigInt(value))),
  ipv6_addr: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value) => addressFromValue(6, value)),
  inet_proto: fc.nat(0xff),
  inet_service: fc.nat(0xffff),
};
const part = fc
  .constantFrom(...(Object.keys(parts) as DataType[]))
  .chain((type) => parts[type].map((value) => ({ type, value })));

describe('keys', () => {
  it('come back from their bytes as they were', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (chosen) => {
        const types = chosen.map(({ type }) => type);
        const key = chosen.map(({ value }) => value);
        const buffer = Buffer.alloc(8 + 5 * 16);
        writeKey(buffer, 8, types, key);
        expect(readKey(buffer.subarray(8, 8 + keyLength(types)), types)).toEqual(key);
        const around = [...buffer.subarray(0, 8), ...buffer.subarray(8 + keyLength(types))];
        expect(around.every((byte) => byte === 0)).toBe(true);
      }),
    );
  });

  it.each<[DataType, string | number]>([
    ['ifname', 'sixteen-letters-'],
    ['ifname', 'two words'],
    ['mark', -1],
    ['mark', 2 ** 32],
    ['classid', 0.5],
    ['inet_proto', 256],
    ['inet_service', 65536],
    ['inet_service', '80'],
    ['ipv4_addr', '10.0.0'],
    ['ipv4_addr', '010.0.0.1'],
    ['ipv4_addr', '::1'],
    ['ipv6_addr', '10.0.0.1'],
    ['ipv6_addr', '::1::'],
    ['ipv6_addr', 1],
  ])('of %s can not hold %s', (type, value) => {
    expect(() => writeKey(Buffer.alloc(32), 0, [type], [value])).toThrow(UnfitError);
  });

  it('have as many parts as their type', () => {
    expect(() => writeKey(Buffer.alloc(32), 0, ['mark', 'mark'], [1])).toThrow(UnfitError);
    expect(() => writeKey(Buffer.alloc(32), 0, ['mark'], [1, 2])).toThrow(UnfitError);
  });
});

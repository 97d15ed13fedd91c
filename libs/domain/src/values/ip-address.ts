import type { Brand } from './brand.js';

/** Canonical text: dotted decimal, or RFC 5952 for IPv6. Two equal addresses are equal strings. */
export type IpAddress = Brand<string, 'IpAddress'>;
export type AddressFamily = 4 | 6;

/** Bits of an address: 32 or 128. */
export const bitsOf = (family: AddressFamily): 32 | 128 => (family === 4 ? 32 : 128);

/** Works on canonical addresses and CIDR blocks alike. */
export const familyOf = (canonical: string): AddressFamily => (canonical.includes(':') ? 6 : 4);

/** Four decimal parts without leading zeros (so never octal), or any RFC 4291 text form; no zone. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const family: AddressFamily = text.includes(':') ? 6 : 4;
  const value = family === 4 ? ipv4Value(text) : ipv6Value(text);
  return value === undefined ? undefined : addressFromValue(family, value);
}

/** The address as one number, most significant bit first. */
export function valueOf(address: IpAddress): bigint {
  const value = familyOf(address) === 4 ? ipv4Value(address) : ipv6Value(address);
  if (value === undefined) throw new TypeError(`not a canonical address: ${address}`);
  return value;
}

/** The inverse of `valueOf`; `value` is below 2^32 or 2^128. */
export function addressFromValue(family: AddressFamily, value: bigint): IpAddress {
  return (family === 4 ? ipv4Text(Number(value)) : ipv6Text(value)) as IpAddress;
}

function ipv4Value(text: string): bigint | undefined {
  const parts = text.split('.');
  if (
    parts.length !== 4 ||
    !parts.every((part) => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256)
  )
    return undefined;
  return BigInt(parts.reduce((value, part) => value * 256 + Number(part), 0));
}

const ipv4Text = (value: number): string =>
  [value / 2 ** 24, value / 2 ** 16, value / 2 ** 8, value].map((part) => Math.floor(part) % 256).join('.');

function ipv6Value(text: string): bigint | undefined {
  const [head, tail, ...rest] = text.split('::');
  if (head === undefined || rest.length > 0) return undefined;
  const before = groupsOf(head, tail === undefined);
  const after = tail === undefined ? [] : groupsOf(tail, true);
  if (!before || !after) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array<number>(missing).fill(0), ...after];
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}

/** The 16-bit groups of one side of `::`; the very end of an address may be written as IPv4. */
function groupsOf(side: string, isEnd: boolean): readonly number[] | undefined {
  if (side === '') return [];
  const parts = side.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(Number.parseInt(part, 16));
      continue;
    }
    const embedded = isEnd && index === parts.length - 1 ? ipv4Value(part) : undefined;
    if (embedded === undefined) return undefined;
    groups.push(Number(embedded >> 16n), Number(embedded & 0xffffn));
  }
  return groups;
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as `::`. */
function ipv6Text(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number((value >> BigInt(112 - 16 * index)) & 0xffffn),
  );
  const zeros = longestZeroRun(groups);
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  return zeros.length < 2
    ? hex(groups)
    : `${hex(groups.slice(0, zeros.start))}::${hex(groups.slice(zeros.start + zeros.length))}`;
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}

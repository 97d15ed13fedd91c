import type { Brand } from './brand.js';
import {
  addressFromValue,
  bitsOf,
  familyOf,
  parseIpAddress,
  valueOf,
  type AddressFamily,
  type IpAddress,
} from './ip-address.js';

/** Canonical text `address/prefix` with the host bits zero: EC2 stores 100.68.0.18/18 as 100.68.0.0/18. */
export type Cidr = Brand<string, 'Cidr'>;

export const ANY_IPV4 = '0.0.0.0/0' as Cidr;
export const ANY_IPV6 = '::/0' as Cidr;

/** Makes the block canonical; undefined when it is malformed, or when the prefix is missing. */
export function parseCidr(text: string): Cidr | undefined {
  const [base, prefix, ...rest] = text.split('/');
  const address = parseIpAddress(base ?? '');
  if (!address || prefix === undefined || rest.length > 0 || !/^(?:0|[1-9][0-9]{0,2})$/.test(prefix))
    return undefined;
  const family = familyOf(address);
  const length = Number(prefix);
  if (length > bitsOf(family)) return undefined;
  return `${addressFromValue(family, valueOf(address) & maskOf(family, length))}/${length}` as Cidr;
}

export interface CidrParts {
  readonly family: AddressFamily;
  readonly network: IpAddress;
  readonly prefixLength: number;
}

export function partsOf(cidr: Cidr): CidrParts {
  const slash = cidr.indexOf('/');
  const network = cidr.slice(0, slash) as IpAddress;
  return { family: familyOf(cidr), network, prefixLength: Number(cidr.slice(slash + 1)) };
}

/** The network mask as a number of `bitsOf(family)` bits. */
export function maskOf(family: AddressFamily, prefixLength: number): bigint {
  const bits = BigInt(bitsOf(family));
  return ((1n << bits) - 1n) ^ ((1n << (bits - BigInt(prefixLength))) - 1n);
}

export function cidrContains(cidr: Cidr, address: IpAddress): boolean {
  const { family, network, prefixLength } = partsOf(cidr);
  return (
    familyOf(address) === family && (valueOf(address) & maskOf(family, prefixLength)) === valueOf(network)
  );
}

/** Number of addresses in the block. */
export function sizeOf(cidr: Cidr): bigint {
  const { family, prefixLength } = partsOf(cidr);
  return 1n << BigInt(bitsOf(family) - prefixLength);
}

/** The address `offset` places after the block's first one. */
export function addressAt(cidr: Cidr, offset: bigint): IpAddress {
  const { family, network } = partsOf(cidr);
  return addressFromValue(family, valueOf(network) + offset);
}

/** The inverse of `addressAt`, for an address inside the block. */
export const offsetIn = (cidr: Cidr, address: IpAddress): bigint =>
  valueOf(address) - valueOf(partsOf(cidr).network);

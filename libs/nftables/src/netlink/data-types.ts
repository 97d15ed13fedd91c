import type { DataType, ElementKey } from '#libs/compiler';
import { addressFromValue, familyOf, valueOf, type AddressFamily, type IpAddress } from '#libs/domain';

interface DataTypeFacts {
  /** enum datatypes of nft's datatype.h: what `nft list` shows the type as. */
  readonly id: number;
  readonly bytes: number;
  readonly isHostOrder: boolean;
}

export const DATA_TYPES: Readonly<Record<DataType, DataTypeFacts>> = {
  ipv4_addr: { id: 7, bytes: 4, isHostOrder: false },
  ipv6_addr: { id: 8, bytes: 16, isHostOrder: false },
  inet_proto: { id: 12, bytes: 1, isHostOrder: false },
  inet_service: { id: 13, bytes: 2, isHostOrder: false },
  mark: { id: 19, bytes: 4, isHostOrder: true },
  classid: { id: 23, bytes: 4, isHostOrder: true },
  ifname: { id: 41, bytes: 16, isHostOrder: true },
};

/** In a concatenation each part begins at a multiple of four. */
const padded = (bytes: number): number => (bytes + 3) & ~3;

/** A concatenation's type is its parts' ids, six bits each. */
export const typeId = (types: readonly DataType[]): number =>
  types.reduce((id, type) => (id << 6) | DATA_TYPES[type].id, 0);

export const keyLength = (types: readonly DataType[]): number => {
  const [only, ...more] = types;
  if (only && more.length === 0) return DATA_TYPES[only].bytes;
  return types.reduce((length, type) => length + padded(DATA_TYPES[type].bytes), 0);
};

/** A value that its datatype has no bytes for. */
export class UnfitError extends Error {
  override readonly name = 'UnfitError';
}

export function writeKey(buffer: Buffer, start: number, types: readonly DataType[], key: ElementKey): void {
  if (key.length !== types.length)
    throw new UnfitError(`the key ${key.join(' . ')} is not of the type ${types.join(' . ')}`);
  let offset = start;
  for (const [index, type] of types.entries()) {
    writePart(buffer, offset, type, key[index] as string | number);
    offset += padded(DATA_TYPES[type].bytes);
  }
}

/** The bytes that stand for a value, into zeroed ones: numbers in the type's byte order, names from the left. */
export function writePart(buffer: Buffer, offset: number, type: DataType, part: string | number): void {
  switch (type) {
    case 'ifname':
      buffer.write(nameIn(part), offset, 'latin1');
      break;
    case 'mark':
    case 'classid':
      buffer.writeUInt32LE(numberIn(type, part, 0xffffffff), offset);
      break;
    case 'inet_proto':
      buffer[offset] = numberIn(type, part, 0xff);
      break;
    case 'inet_service':
      buffer.writeUInt16BE(numberIn(type, part, 0xffff), offset);
      break;
    case 'ipv4_addr':
      buffer.writeUInt32BE(Number(addressIn(4, part)), offset);
      break;
    case 'ipv6_addr': {
      const value = addressIn(6, part);
      buffer.writeBigUInt64BE(value >> 64n, offset);
      buffer.writeBigUInt64BE(value & 0xffffffffffffffffn, offset + 8);
    }
  }
}

function numberIn(type: DataType, part: string | number, largest: number): number {
  if (typeof part === 'number' && Number.isInteger(part) && part >= 0 && part <= largest) return part;
  throw new UnfitError(`${part} is no ${type}`);
}

/** The kernel's own limit is 15 bytes and a zero; no name is what a packet of the host itself has. */
function nameIn(part: string | number): string {
  if (typeof part === 'string' && /^[\x21-\x7e]{0,15}$/.test(part)) return part;
  throw new UnfitError(`${part} is no name of an interface`);
}

function addressIn(family: AddressFamily, part: string | number): bigint {
  try {
    if (typeof part === 'string' && familyOf(part) === family) return valueOf(part as IpAddress);
  } catch (cause) {
    throw new UnfitError(`${part} is no IPv${family} address`, { cause });
  }
  throw new UnfitError(`${part} is no IPv${family} address`);
}

export function readKey(buffer: Buffer, types: readonly DataType[]): ElementKey {
  let offset = 0;
  return types.map((type) => {
    const part = readPart(buffer, offset, type);
    offset += padded(DATA_TYPES[type].bytes);
    return part;
  });
}

export function readPart(buffer: Buffer, offset: number, type: DataType): string | number {
  switch (type) {
    case 'ifname': {
      const name = buffer.subarray(offset, offset + 16);
      const end = name.indexOf(0);
      return name.toString('latin1', 0, end < 0 ? 16 : end);
    }
    case 'mark':
    case 'classid':
      return buffer.readUInt32LE(offset);
    case 'inet_proto':
      return buffer.readUInt8(offset);
    case 'inet_service':
      return buffer.readUInt16BE(offset);
    case 'ipv4_addr':
      return addressFromValue(4, BigInt(buffer.readUInt32BE(offset)));
    case 'ipv6_addr':
      return addressFromValue(
        6,
        (buffer.readBigUInt64BE(offset) << 64n) | buffer.readBigUInt64BE(offset + 8),
      );
  }
}

import type { DataType, ElementKey } from '#libs/compiler';
import { addressFromValue, valueOf, type IpAddress } from '#libs/domain';

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

export function writeKey(buffer: Buffer, start: number, types: readonly DataType[], key: ElementKey): void {
  let offset = start;
  for (const [index, type] of types.entries()) {
    writePart(buffer, offset, type, key[index] ?? 0);
    offset += padded(DATA_TYPES[type].bytes);
  }
}

/** The bytes that stand for a value: numbers in the type's byte order, names padded with zeros. */
export function writePart(buffer: Buffer, offset: number, type: DataType, part: string | number): void {
  switch (type) {
    case 'ifname':
      buffer.write(String(part), offset, 'latin1');
      break;
    case 'mark':
    case 'classid':
      buffer.writeUInt32LE(Number(part), offset);
      break;
    case 'inet_proto':
      buffer[offset] = Number(part);
      break;
    case 'inet_service':
      buffer.writeUInt16BE(Number(part), offset);
      break;
    case 'ipv4_addr':
      buffer.writeUInt32BE(Number(valueOf(part as IpAddress)), offset);
      break;
    case 'ipv6_addr': {
      const value = valueOf(part as IpAddress);
      buffer.writeBigUInt64BE(value >> 64n, offset);
      buffer.writeBigUInt64BE(value & 0xffffffffffffffffn, offset + 8);
    }
  }
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

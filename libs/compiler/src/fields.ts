import { maskOf, addressFromValue, type AddressFamily, type Direction } from '#libs/domain';
import type { DataType, Field, Operand } from './ruleset.js';

export const PROTOCOL: DataType = 'inet_proto';
export const SERVICE: DataType = 'inet_service';

/**
 * Where a packet's far address, protocol and port are read from. With a connection it is the connection's own tuple:
 * the same for every packet of both directions, and for ICMP errors about it, so that a revoked rule stops a flow
 * both ways at its next packet. A packet without one (an ICMP error or query that no flow explains) speaks for itself.
 */
export interface PacketFields {
  far(direction: Direction, family: AddressFamily): Field;
  readonly protocol: Field;
  readonly icmp: Field;
  /** Absent where nothing with ports may pass. */
  readonly port?: Field;
}

export const CONNECTION: PacketFields = {
  // The reply's source is where the connection really leads, also behind destination NAT.
  far: (direction, family) =>
    direction === 'ingress'
      ? family === 4
        ? 'ct original ip saddr'
        : 'ct original ip6 saddr'
      : family === 4
        ? 'ct reply ip saddr'
        : 'ct reply ip6 saddr',
  protocol: 'ct original protocol',
  icmp: 'ct original proto-dst',
  port: 'ct reply proto-src',
};

export const STRAY: PacketFields = {
  far: (direction, family) =>
    direction === 'ingress'
      ? family === 4
        ? 'ip saddr'
        : 'ip6 saddr'
      : family === 4
        ? 'ip daddr'
        : 'ip6 daddr',
  protocol: 'l4proto',
  icmp: 'th type-code',
};

/** The leading bits of an address field; all of them need no mask. */
export function addressOperand(field: Field, family: AddressFamily, prefixLength: number): Operand {
  const whole = prefixLength === (family === 4 ? 32 : 128);
  return whole ? { field } : { field, mask: addressFromValue(family, maskOf(family, prefixLength)) };
}

/** The leading bits of a 16-bit field. */
export const serviceOperand = (field: Field, bits: number): Operand =>
  bits === 16 ? { field } : { field, mask: (0xffff << (16 - bits)) & 0xffff };

import { NLA_TYPE_MASK } from './constants.js';

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** The netlink port of the socket that it answers, or, in a notification, that made the change. */
  readonly port: number;
  /** What follows the netlink header. */
  readonly payload: Buffer;
}

/** The messages of one datagram (struct nlmsghdr each, aligned to four). */
export function* messagesIn(datagram: Buffer): Generator<NetlinkMessage> {
  for (let start = 0; start + 16 <= datagram.length;) {
    const length = datagram.readUInt32LE(start);
    if (length < 16) return;
    yield {
      type: datagram.readUInt16LE(start + 4),
      flags: datagram.readUInt16LE(start + 6),
      sequence: datagram.readUInt32LE(start + 8),
      port: datagram.readUInt32LE(start + 12),
      payload: datagram.subarray(start + 16, start + length),
    };
    start += (length + 3) & ~3;
  }
}

/** The attributes of a message body or of a nested attribute, in order; a list repeats one type. */
export function* attributesIn(body: Buffer): Generator<readonly [type: number, value: Buffer]> {
  for (let start = 0; start + 4 <= body.length;) {
    const length = body.readUInt16LE(start);
    if (length < 4) return;
    yield [body.readUInt16LE(start + 2) & NLA_TYPE_MASK, body.subarray(start + 4, start + length)];
    start += (length + 3) & ~3;
  }
}

/** By type, for attributes that occur once. */
export const attributesOf = (body: Buffer): ReadonlyMap<number, Buffer> => new Map(attributesIn(body));

/** Without the terminating zero. */
export const textOf = (value: Buffer | undefined): string =>
  value?.toString('utf8', 0, value.length - 1) ?? '';
export const numberOf = (value: Buffer | undefined): number => value?.readUInt32BE(0) ?? 0;

import { NLA_F_NESTED, NLM_F_ACK, NLM_F_REQUEST, NFNL_SUBSYS_NFTABLES, NFPROTO_INET } from './constants.js';

/** Writes netlink messages one after the other into one growing buffer: no allocation per attribute. */
export class MessageWriter {
  readonly #kept: number;
  #buffer: Buffer;
  #end = 0;
  #lastMessage = 0;

  /** A writer that keeps so many bytes of memory at all times. */
  constructor(kept: number) {
    this.#kept = kept;
    this.#buffer = Buffer.allocUnsafe(kept);
  }

  get length(): number {
    return this.#end;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#end);
  }

  /** Begins anew; a large transaction's memory is not kept for the small ones after it. */
  clear(): void {
    this.#end = 0;
    if (this.#buffer.length > this.#kept) this.#buffer = Buffer.allocUnsafe(this.#kept);
  }

  /** A message of the nf_tables subsystem about the inet family. */
  nftMessage(type: number, flags: number, sequence: number, body: () => void): void {
    this.message((NFNL_SUBSYS_NFTABLES << 8) | type, flags, sequence, NFPROTO_INET, 0, body);
  }

  /** struct nlmsghdr, then struct nfgenmsg, then the body. */
  message(
    type: number,
    flags: number,
    sequence: number,
    family: number,
    resourceId: number,
    body?: () => void,
  ): void {
    const start = this.#claim(20);
    this.#buffer.writeUInt16LE(type, start + 4);
    this.#buffer.writeUInt16LE(flags | NLM_F_REQUEST, start + 6);
    this.#buffer.writeUInt32LE(sequence, start + 8);
    this.#buffer.writeUInt32LE(0, start + 12);
    this.#buffer[start + 16] = family;
    this.#buffer[start + 17] = 0;
    this.#buffer.writeUInt16BE(resourceId, start + 18);
    body?.();
    this.#buffer.writeUInt32LE(this.#end - start, start);
    this.#lastMessage = start;
  }

  /** Marks the message written last as one that the kernel is to answer. */
  askForAnswer(): void {
    const flags = this.#lastMessage + 6;
    this.#buffer.writeUInt16LE(this.#buffer.readUInt16LE(flags) | NLM_F_ACK, flags);
  }

  nested(type: number, body: () => void): void {
    const start = this.#claim(4);
    body();
    this.#buffer.writeUInt16LE(this.#end - start, start);
    this.#buffer.writeUInt16LE(type | NLA_F_NESTED, start + 2);
  }

  /** Zero-terminated, as nf_tables wants its names. */
  text(type: number, value: string): void {
    const length = Buffer.byteLength(value) + 1;
    const start = this.#attribute(type, length);
    this.#buffer.write(value, start, 'utf8');
    this.#buffer[start + length - 1] = 0;
  }

  /** nf_tables' numbers are 32 bits in network order. */
  number(type: number, value: number): void {
    this.#buffer.writeUInt32BE(value >>> 0, this.#attribute(type, 4));
  }

  /** Room for `length` bytes of an attribute, zeroed; `fill` writes them. */
  raw(type: number, length: number, fill: (buffer: Buffer, start: number) => void): void {
    const start = this.#attribute(type, length);
    this.#buffer.fill(0, start, start + length);
    fill(this.#buffer, start);
  }

  bytesOf(type: number, value: Uint8Array): void {
    this.#buffer.set(value, this.#attribute(type, value.length));
  }

  #attribute(type: number, length: number): number {
    const start = this.#claim(4 + length);
    this.#buffer.writeUInt16LE(4 + length, start);
    this.#buffer.writeUInt16LE(type, start + 2);
    return start + 4;
  }

  /** Attributes and messages begin at multiples of four; the padding is zero. */
  #claim(length: number): number {
    const start = this.#end;
    const padded = (length + 3) & ~3;
    if (start + padded > this.#buffer.length) this.#grow(start + padded);
    this.#buffer.fill(0, start + length, start + padded);
    this.#end = start + padded;
    return start;
  }

  #grow(atLeast: number): void {
    const larger = Buffer.allocUnsafe(Math.max(atLeast, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}

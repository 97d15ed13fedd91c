import { randomBytes } from 'node:crypto';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { familyOf, type IpAddress } from '#libs/domain';
import {
  AF_INET,
  AF_INET6,
  checked,
  libc,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_RAW,
} from '../../../apps/lab/src/kernel/libc.js';
import { inNamespace } from '../../../apps/lab/src/kernel/namespace.js';
import { socketAddress } from '../../../apps/lab/src/kernel/sockets.js';

/** What comes is there at once; only what never comes is waited for so long. */
const PATIENCE_MS = 400;
const RESEND_MS = 100;
const LOOK_MS = 2;
const MARK_BYTES = 12;

/** A packet of any protocol. The mark at its end tells one from another. */
export interface RawPacket {
  readonly protocol: number;
  readonly header: Buffer;
}

const ESP: RawPacket = { protocol: 50, header: Buffer.from('0000100000000001', 'hex') };
/** It says that an IP packet of its own family follows, as in a tunnel; its length is in words, less two. */
const ah = (next: number): RawPacket => ({
  protocol: 51,
  header: Buffer.from([next, 4, 0, 0, 0, 0, 16, 0, 0, 0, 0, 1]),
});
/** RFC 3692: for experiments, so that no kernel knows it. */
const UNKNOWN: RawPacket = { protocol: 253, header: Buffer.alloc(8) };
const icmp = (protocol: 1 | 58, type: number, code = 0): RawPacket => ({
  protocol,
  header: Buffer.from([type, code, 0, 0, 0x12, 0x34, 0, 1]),
});
const udp = (port: number): RawPacket => {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(40_000, 0);
  header.writeUInt16BE(port, 2);
  header.writeUInt16BE(8 + MARK_BYTES, 4);
  return { protocol: 17, header };
};

export const IPV4_PACKETS = {
  esp: ESP,
  ah: ah(4),
  unknown: UNKNOWN,
  echo: icmp(1, 8),
  timestamp: icmp(1, 13),
  'udp 53': udp(53),
} as const satisfies Readonly<Record<string, RawPacket>>;

export const IPV6_PACKETS = {
  'esp -6': ESP,
  'ah -6': ah(41),
  'unknown -6': UNKNOWN,
  'echo -6': icmp(58, 128),
  'renumbering -6': icmp(58, 138, 1),
} as const satisfies Readonly<Record<string, RawPacket>>;

/** Whether the packet gets from one namespace to that address in the other. */
export async function arrives(
  { protocol, header }: RawPacket,
  from: string,
  to: string,
  address: IpAddress,
): Promise<boolean> {
  const domain = familyOf(address) === 4 ? AF_INET : AF_INET6;
  const open = (): number => checked('socket', libc().socket(domain, SOCK_RAW | SOCK_CLOEXEC, protocol));
  const [sender, receiver] = [inNamespace(from, open), inNamespace(to, open)];
  try {
    const mark = randomBytes(MARK_BYTES);
    const packet = withChecksum(protocol, Buffer.concat([header, mark]));
    const there = socketAddress(address, 0);
    const buffer = Buffer.alloc(2048);
    const start = performance.now();
    for (let sent = 0, now = start; now < start + PATIENCE_MS; now = performance.now()) {
      if (now >= start + sent * RESEND_MS) {
        checked('sendto', libc().sendto(sender, packet, packet.length, 0, there, there.length));
        sent++;
      }
      const length = Number(libc().recv(receiver, buffer, buffer.length, MSG_DONTWAIT));
      if (length > 0 && buffer.subarray(0, length).includes(mark)) return true;
      if (length <= 0) await sleep(LOOK_MS);
    }
    return false;
  } finally {
    closeSync(sender);
    closeSync(receiver);
  }
}

/** RFC 1071, for ICMP; for ICMPv6 the kernel does it, and UDP over IPv4 may go without. */
function withChecksum(protocol: number, packet: Buffer): Buffer {
  if (protocol === 1) packet.writeUInt16BE(checksumOf(packet), 2);
  return packet;
}

/** The Internet checksum of bytes whose own field for it is zero. */
export function checksumOf(bytes: Buffer): number {
  let sum = 0;
  for (let offset = 0; offset < bytes.length; offset += 2) sum += bytes.readUInt16BE(offset);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

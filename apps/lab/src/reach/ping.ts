import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { familyOf, ICMP, ICMPV6, type IpAddress } from '#libs/domain';
import { AF_INET, AF_INET6, checked, libc, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_RAW } from '../kernel/libc.js';
import { socketAddress } from '../kernel/sockets.js';

const LOOK_MS = 2;

/** Sends one echo request and waits for its answer, in the namespace that the process is in. */
export async function ping(address: IpAddress, milliseconds: number): Promise<boolean> {
  const isIpv4 = familyOf(address) === 4;
  const protocol = isIpv4 ? ICMP : ICMPV6;
  const fd = checked('socket', libc().socket(isIpv4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, protocol));
  try {
    const identifier = process.pid & 0xffff;
    const request = echoRequest(isIpv4 ? 8 : 128, identifier);
    const to = socketAddress(address, 0);
    if (libc().sendto(fd, request, request.length, 0, to, to.length) < 0) return false; // no way there
    const buffer = Buffer.alloc(2048);
    for (const deadline = performance.now() + milliseconds; performance.now() < deadline;) {
      const length = Number(libc().recv(fd, buffer, buffer.length, MSG_DONTWAIT));
      // A raw IPv4 socket is given the IP header too.
      const start = isIpv4 ? (buffer.readUInt8(0) & 0x0f) * 4 : 0;
      if (length >= start + 8 && isAnswer(buffer.subarray(start), isIpv4 ? 0 : 129, identifier)) return true;
      if (length < 0) await sleep(LOOK_MS);
    }
    return false;
  } finally {
    closeSync(fd);
  }
}

function echoRequest(type: number, identifier: number): Buffer {
  const packet = Buffer.from([type, 0, 0, 0, 0, 0, 0, 1]);
  packet.writeUInt16BE(identifier, 4);
  packet.writeUInt16BE(checksum(packet), 2); // for ICMPv6 the kernel puts its own in place
  return packet;
}

/** RFC 1071. */
function checksum(packet: Buffer): number {
  let sum = 0;
  for (let offset = 0; offset < packet.length; offset += 2) sum += packet.readUInt16BE(offset);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const isAnswer = (packet: Buffer, type: number, identifier: number): boolean =>
  packet.readUInt8(0) === type && packet.readUInt16BE(4) === identifier;

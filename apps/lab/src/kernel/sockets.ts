import { closeSync } from 'node:fs';
import { familyOf, valueOf, type IpAddress } from '#libs/domain';
import {
  AF_INET,
  AF_INET6,
  checked,
  libc,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
} from './libc.js';

const BACKLOG = 511;

/** Any address of either family. */
export const ANY = '::' as IpAddress;

/**
 * The descriptor of a listening TCP socket that nobody accepts on yet: for a child, or for `listen({ fd })` here.
 * A socket stays in the namespace that it was made in, whoever uses it.
 */
export function listeningSocket(address: IpAddress, port: number): number {
  const fd = boundSocket(SOCK_STREAM, address, port);
  checked(`listen on ${address} port ${port}`, libc().listen(fd, BACKLOG));
  return fd;
}

/** The descriptor of a bound UDP socket. */
export const datagramSocket = (address: IpAddress, port: number): number =>
  boundSocket(SOCK_DGRAM, address, port);

function boundSocket(type: number, address: IpAddress, port: number): number {
  const domain = familyOf(address) === 4 ? AF_INET : AF_INET6;
  const fd = checked('socket', libc().socket(domain, type | SOCK_CLOEXEC, 0));
  try {
    const on = Buffer.from(Uint32Array.of(1).buffer);
    if (type === SOCK_STREAM)
      checked('setsockopt', libc().setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, on, on.length));
    const bytes = socketAddress(address, port);
    checked(`bind to ${address} port ${port}`, libc().bind(fd, bytes, bytes.length));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** struct sockaddr_in or sockaddr_in6, as x86 and ARM lay them out. */
export function socketAddress(address: IpAddress, port: number): Buffer {
  const isIpv4 = familyOf(address) === 4;
  const bytes = Buffer.alloc(isIpv4 ? 16 : 28);
  bytes.writeUInt16LE(isIpv4 ? AF_INET : AF_INET6, 0);
  bytes.writeUInt16BE(port, 2);
  const digits = isIpv4 ? 8 : 32;
  bytes.write(valueOf(address).toString(16).padStart(digits, '0'), isIpv4 ? 4 : 8, 'hex');
  return bytes;
}

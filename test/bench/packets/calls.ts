import { createRequire } from 'node:module';
import type koffi from 'koffi';

/** Blocking calls of libc: the sender's loop must cost less than a packet's way through the kernel. */
export interface Calls {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  connect(fd: number, address: Uint8Array, length: number): number;
  listen(fd: number, backlog: number): number;
  accept(fd: number, address: null, length: null): number;
  send(fd: number, bytes: Uint8Array, length: number, flags: number): number | bigint;
  sendto(
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    to: Uint8Array,
    toLength: number,
  ): number | bigint;
  close(fd: number): number;
}

export function loadCalls(): Calls {
  const ffi = createRequire(import.meta.url)('koffi') as typeof koffi;
  const library = ffi.load('libc.so.6');
  const call = (prototype: string): never => library.func(prototype) as never;
  return {
    socket: call('int socket(int domain, int type, int protocol)'),
    setsockopt: call('int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)'),
    bind: call('int bind(int fd, const uint8_t *address, uint32_t length)'),
    connect: call('int connect(int fd, const uint8_t *address, uint32_t length)'),
    listen: call('int listen(int fd, int backlog)'),
    accept: call('int accept(int fd, void *address, void *length)'),
    send: call('int64_t send(int fd, const uint8_t *bytes, uint64_t length, int flags)'),
    sendto: call(
      'int64_t sendto(int fd, const uint8_t *bytes, uint64_t length, int flags, const uint8_t *to, uint32_t toLength)',
    ),
    close: call('int close(int fd)'),
  };
}

/** Fails as the call failed. */
export function ok(call: string, result: number | bigint): number {
  if (result < 0) throw new Error(`${call} failed`);
  return Number(result);
}

/** struct sockaddr_in. */
export function inet(address: string, port: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(2, 0);
  bytes.writeUInt16BE(port, 2);
  Buffer.from(address.split('.').map(Number)).copy(bytes, 4);
  return bytes;
}

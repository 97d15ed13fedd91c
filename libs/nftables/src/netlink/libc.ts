import { createRequire } from 'node:module';
import type koffi from 'koffi';
import { DataplaneError } from '../dataplane.js';

/** libc's own calls: Node has no netlink sockets. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  send(fd: number, bytes: Uint8Array, length: number, flags: number): number | bigint;
  recv(fd: number, buffer: Uint8Array, length: number, flags: number): number | bigint;
  setns(fd: number, type: number): number;
  /** Of the call before. */
  errno(): number;
}

let loaded: Libc | undefined;

/** Loaded when first needed, so that importing this works on any system. */
export function libc(): Libc {
  if (loaded) return loaded;
  if (process.platform !== 'linux')
    throw new DataplaneError(
      'nf_tables is part of Linux; set RAMPART_DATAPLANE=fake to run without a kernel',
    );
  const ffi = createRequire(import.meta.url)('koffi') as typeof koffi;
  const library = ffi.load('libc.so.6');
  const call = (prototype: string): never => library.func(prototype) as never;
  loaded = {
    socket: call('int socket(int domain, int type, int protocol)'),
    bind: call('int bind(int fd, const uint8_t *address, uint32_t length)'),
    setsockopt: call('int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)'),
    send: call('int64_t send(int fd, const uint8_t *bytes, uint64_t length, int flags)'),
    recv: call('int64_t recv(int fd, _Out_ uint8_t *buffer, uint64_t length, int flags)'),
    setns: call('int setns(int fd, int type)'),
    errno: () => ffi.errno(),
  };
  return loaded;
}

import { createRequire } from 'node:module';
import { getSystemErrorName } from 'node:util';
import type koffi from 'koffi';

/** libc's own calls: Node can't enter a namespace, nor make a socket without taking it into its event loop. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  listen(fd: number, backlog: number): number;
  sendto(
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    to: Uint8Array,
    toLength: number,
  ): number | bigint;
  recv(fd: number, buffer: Uint8Array, length: number, flags: number): number | bigint;
  setns(fd: number, type: number): number;
}

export const AF_INET = 2;
export const AF_INET6 = 10;
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_CLOEXEC = 0o2000000;
export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const MSG_DONTWAIT = 0x40;
export const CLONE_NEWNET = 0x40000000;

let loaded: { readonly calls: Libc; readonly errno: () => number } | undefined;

/** Loaded when first needed, so that importing this works on any system. */
export function libc(): Libc {
  return load().calls;
}

/** A failed call, with `code` as in Node's own errors. */
export class CallError extends Error {
  readonly code: string;

  constructor(call: string) {
    const code = getSystemErrorName(-load().errno());
    super(`${call}: ${code}`);
    this.code = code;
  }
}

/** Most calls answer -1 when they fail. */
export function checked(call: string, result: number | bigint): number {
  if (result < 0) throw new CallError(call);
  return Number(result);
}

function load(): NonNullable<typeof loaded> {
  if (loaded) return loaded;
  const ffi = createRequire(import.meta.url)('koffi') as typeof koffi;
  const library = ffi.load('libc.so.6');
  const call = (prototype: string): never => library.func(prototype) as never;
  const calls: Libc = {
    socket: call('int socket(int domain, int type, int protocol)'),
    setsockopt: call('int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)'),
    bind: call('int bind(int fd, const uint8_t *address, uint32_t length)'),
    listen: call('int listen(int fd, int backlog)'),
    sendto: call(
      'int64_t sendto(int fd, const uint8_t *bytes, uint64_t length, int flags, const uint8_t *to, uint32_t toLength)',
    ),
    recv: call('int64_t recv(int fd, _Out_ uint8_t *buffer, uint64_t length, int flags)'),
    setns: call('int setns(int fd, int type)'),
  };
  loaded = { calls, errno: () => ffi.errno() };
  return loaded;
}

import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type koffi from 'koffi';
import { DataplaneError } from '../dataplane.js';
import { NETLINK_NETFILTER } from './constants.js';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const MSG_DONTWAIT = 0x40;
const CLONE_NEWNET = 0x40000000;
const EAGAIN = 11;
const EINTR = 4;

/** Room for the largest batch; only what is used is ever allocated. */
const SOCKET_BUFFER_BYTES = 128 * 1024 * 1024;
const RECEIVE_BUFFER_BYTES = 256 * 1024;

/** libc's own calls: Node has no netlink sockets. */
interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  send(fd: number, bytes: Uint8Array, length: number, flags: number): number | bigint;
  recv(fd: number, buffer: Uint8Array, length: number, flags: number): number | bigint;
  setns(fd: number, type: number): number;
  errno(): number;
}

let loaded: Libc | undefined;

/** Loaded when first needed, so that importing this works on any system. */
function libc(): Libc {
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

/** A netlink socket to nf_tables of one network namespace, kept open: closing one after a delete costs 19 ms. */
export class NetlinkSocket implements Disposable {
  readonly #libc = libc();
  readonly #fd: number;
  readonly #received = Buffer.alloc(RECEIVE_BUFFER_BYTES);

  /** `netns` is a path such as /run/netns/blue; without it, the namespace that the process is in. */
  constructor(netns?: string) {
    this.#fd = netns === undefined ? this.#open() : this.#openIn(netns);
  }

  /** The kernel handles the whole batch within this call. */
  send(bytes: Uint8Array): void {
    if (Number(this.#libc.send(this.#fd, bytes, bytes.length, 0)) === bytes.length) return;
    throw this.#failed('send');
  }

  /** What is there to be read, without waiting; undefined when there is nothing. Valid until the next call. */
  receive(): Buffer | undefined {
    for (;;) {
      const length = Number(this.#libc.recv(this.#fd, this.#received, this.#received.length, MSG_DONTWAIT));
      if (length > 0) return this.#received.subarray(0, length);
      const errno = this.#libc.errno();
      if (errno === EAGAIN) return undefined;
      if (errno !== EINTR) throw this.#failed('recv');
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  #open(): number {
    const fd = this.#libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    if (fd < 0) throw this.#failed('socket');
    const address = Buffer.alloc(12); // struct sockaddr_nl: the kernel gives the port id
    address.writeUInt16LE(AF_NETLINK, 0);
    if (this.#libc.bind(fd, address, address.length) < 0) throw this.#failed('bind');
    const size = Buffer.alloc(4);
    size.writeInt32LE(SOCKET_BUFFER_BYTES, 0);
    for (const option of [SO_SNDBUFFORCE, SO_RCVBUFFORCE]) {
      if (this.#libc.setsockopt(fd, SOL_SOCKET, option, size, size.length) < 0) {
        const error = this.#failed('setsockopt');
        closeSync(fd);
        throw error;
      }
    }
    return fd;
  }

  /** A namespace belongs to the thread, so this one visits the other and is back before anything else runs. */
  #openIn(netns: string): number {
    const own = openSync('/proc/thread-self/ns/net', 'r');
    const there = openSync(netns, 'r');
    try {
      if (this.#libc.setns(there, CLONE_NEWNET) < 0) throw this.#failed(`setns ${netns}`);
      try {
        return this.#open();
      } finally {
        // Going on in the wrong namespace would be worse than ending.
        if (this.#libc.setns(own, CLONE_NEWNET) < 0) process.abort();
      }
    } finally {
      closeSync(there);
      closeSync(own);
    }
  }

  #failed(call: string): DataplaneError {
    const errno = this.#libc.errno();
    const fix =
      errno === 1 ? ': run as root, or give the process CAP_NET_ADMIN (and CAP_SYS_ADMIN for setns)' : '';
    return new DataplaneError(`the netlink call ${call} failed with errno ${errno}${fix}`);
  }
}

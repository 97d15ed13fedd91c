import { closeSync, openSync } from 'node:fs';
import { DataplaneError } from '../dataplane.js';
import { errnoText, NETLINK_NETFILTER } from './constants.js';
import { libc } from './libc.js';

// Names and numbers of sys/socket.h, linux/netlink.h and sched.h, as on every architecture that Node is built for.
const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const MSG_DONTWAIT = 0x40;
const CLONE_NEWNET = 0x40000000;
const EPERM = 1;
const EINTR = 4;
const EAGAIN = 11;
const ENOBUFS = 105;

/** The kernel doubles it; only what is used is ever allocated. */
const SOCKET_BUFFER_BYTES = 128 * 1024 * 1024;
const RECEIVE_BUFFER_BYTES = 256 * 1024;

/** `CAP_ACK` and `EXT_ACK`: an error says which attribute it is about, and does not repeat the message. */
const OPTIONS: readonly (readonly [level: number, name: number, value: number])[] = [
  [SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BUFFER_BYTES],
  [SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER_BYTES],
  [SOL_NETLINK, NETLINK_CAP_ACK, 1],
  [SOL_NETLINK, NETLINK_EXT_ACK, 1],
];

/** A netlink socket to nf_tables of one network namespace, kept open: closing one after a delete costs 19 ms. */
export class NetlinkSocket implements Disposable {
  readonly #libc = libc();
  readonly #received = Buffer.alloc(RECEIVE_BUFFER_BYTES);
  readonly #group: number | undefined;
  #fd: number | undefined;

  /**
   * `netns` is a path such as /run/netns/blue; without it, the namespace that the process is in. With a `group` the
   * socket hears that group's notifications.
   */
  constructor(netns?: string, group?: number) {
    this.#group = group;
    this.#fd = netns === undefined ? this.#open() : this.#openIn(netns);
  }

  /** The kernel handles the whole batch within this call. */
  send(bytes: Uint8Array): void {
    if (Number(this.#libc.send(this.#opened(), bytes, bytes.length, 0)) !== bytes.length)
      throw this.#failed('send');
  }

  /** What is there to be read, without waiting; undefined when there is nothing. Valid until the next call. */
  receive(): Buffer | undefined {
    const received = this.hear();
    if (received === 'overrun') throw this.#failed('recv');
    return received;
  }

  /** The same of notifications: `overrun` when there were more than the buffer holds, and some are lost. */
  hear(): Buffer | 'overrun' | undefined {
    const fd = this.#opened();
    for (;;) {
      const length = Number(this.#libc.recv(fd, this.#received, this.#received.length, MSG_DONTWAIT));
      if (length > 0) return this.#received.subarray(0, length);
      const errno = this.#libc.errno();
      if (errno === EAGAIN) return undefined;
      if (errno === ENOBUFS) return 'overrun';
      if (errno !== EINTR) throw this.#failed('recv');
    }
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #opened(): number {
    if (this.#fd === undefined) throw new DataplaneError('this dataplane is closed');
    return this.#fd;
  }

  #open(): number {
    const fd = this.#libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
    if (fd < 0) throw this.#failed('socket');
    try {
      this.#prepare(fd);
      return fd;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  #prepare(fd: number): void {
    const address = Buffer.alloc(12); // struct sockaddr_nl: the kernel gives the port id
    address.writeUInt16LE(AF_NETLINK, 0);
    if (this.#group !== undefined) address.writeUInt32LE(1 << (this.#group - 1), 8);
    if (this.#libc.bind(fd, address, address.length) < 0) throw this.#failed('bind');
    for (const [level, name, value] of OPTIONS) {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(value, 0);
      if (this.#libc.setsockopt(fd, level, name, bytes, bytes.length) < 0) throw this.#failed('setsockopt');
    }
  }

  /** A namespace belongs to the thread, so this one visits the other and is back before anything else runs. */
  #openIn(netns: string): number {
    const own = namespaceAt('/proc/thread-self/ns/net');
    try {
      const there = namespaceAt(netns);
      try {
        if (this.#libc.setns(there, CLONE_NEWNET) < 0) throw this.#failed(`setns to ${netns}`);
        try {
          return this.#open();
        } finally {
          // Going on in the wrong namespace would be worse than ending.
          if (this.#libc.setns(own, CLONE_NEWNET) < 0) process.abort();
        }
      } finally {
        closeSync(there);
      }
    } finally {
      closeSync(own);
    }
  }

  #failed(call: string): DataplaneError {
    const errno = this.#libc.errno();
    const fix =
      errno === EPERM ? ': run as root, or give the process CAP_NET_ADMIN (and CAP_SYS_ADMIN for setns)' : '';
    return new DataplaneError(`the netlink call ${call} failed: ${errnoText(errno)}${fix}`);
  }
}

function namespaceAt(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new DataplaneError(`there is no network namespace at ${path} to be entered`, { cause });
  }
}

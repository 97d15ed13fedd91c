import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { familyOf, type IpAddress } from '#libs/domain';
import {
  AF_INET,
  AF_INET6,
  checked,
  libc,
  SOCK_CLOEXEC,
  SOCK_STREAM,
} from '../../../apps/lab/src/kernel/libc.js';
import { inNamespace } from '../../../apps/lab/src/kernel/namespace.js';
import { ANY, datagramSocket, listeningSocket } from '../../../apps/lab/src/kernel/sockets.js';
import { ping } from '../../../apps/lab/src/reach/ping.js';
import type { Trial } from '../../../apps/lab/src/reach/traffic.js';

/**
 * Real packets between network namespaces, sent and answered by this very process: only its sockets are there, so that
 * dozens of trials at once cost no processes.
 */

/** What answers comes at once; only what never comes is waited for so long. */
const PATIENCE_MS = 400;
const RESEND_MS = 100;
const ANY_IPV4 = '0.0.0.0' as IpAddress;

/** Whether a packet from that namespace gets there, and the answer back; a refusal is an answer. */
export function reaches(namespace: string, address: IpAddress, trial: Trial): Promise<boolean> {
  switch (trial.protocol) {
    case 'icmp':
      return inNamespace(namespace, () => ping(address, PATIENCE_MS));
    case 'tcp':
      return connects(streamTo(namespace, address, trial.port));
    case 'udp':
      return echoes(namespace, address, trial.port);
  }
}

/** Sends back what it gets by TCP and UDP on these ports of a namespace. */
export class Echo implements Disposable {
  readonly #closers: (() => void)[] = [];

  constructor(namespace: string, ports: readonly number[]) {
    for (const port of ports) this.#listen(namespace, port);
  }

  #listen(namespace: string, port: number): void {
    const [stream, datagram] = inNamespace(namespace, () => [
      listeningSocket(ANY, port),
      datagramSocket(ANY, port),
    ]);
    const open = new Set<Socket>();
    const server = createServer((connection) => {
      open.add(connection);
      connection.on('error', () => undefined).pipe(connection);
    });
    server.listen({ fd: stream });
    const socket = createSocket('udp6');
    socket.on('message', (message, from) => socket.send(message, from.port, from.address));
    socket.on('error', () => undefined);
    socket.bind({ fd: datagram });
    this.#closers.push(() => {
      for (const connection of open) connection.destroy();
      server.close();
      socket.close();
    });
  }

  [Symbol.dispose](): void {
    for (const close of this.#closers) close();
  }
}

/** An open TCP connection to something that answers. */
export class Conversation implements Disposable {
  readonly #socket: Socket;
  #heard = '';

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('data', (data: Buffer) => (this.#heard += data.toString()));
  }

  static async open(namespace: string, address: IpAddress, port: number): Promise<Conversation> {
    const socket = streamTo(namespace, address, port);
    await once(socket, 'connect', { signal: AbortSignal.timeout(5_000) });
    return new Conversation(socket);
  }

  /** Whether what it says comes back; each time something else must be said. */
  hears(line: string): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#socket.on('data', () => void (this.#heard.includes(line) && resolve(true)));
    this.#socket.write(`${line}\n`);
    return Promise.race([promise, silence()]);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

/** A socket belongs to the namespace it was made in, and Node would only make it later. */
function streamTo(namespace: string, address: IpAddress, port: number): Socket {
  const domain = familyOf(address) === 4 ? AF_INET : AF_INET6;
  const fd = inNamespace(namespace, () =>
    checked('socket', libc().socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0)),
  );
  const socket = new Socket({ fd, readable: true, writable: true });
  return socket.connect(port, address);
}

async function connects(socket: Socket): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(true));
  socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  const reached = await Promise.race([promise, silence()]);
  socket.destroy();
  return reached;
}

/** Datagrams get lost without a word, so one is sent again now and then. */
async function echoes(namespace: string, address: IpAddress, port: number): Promise<boolean> {
  const isIpv4 = familyOf(address) === 4;
  const fd = inNamespace(namespace, () => datagramSocket(isIpv4 ? ANY_IPV4 : ANY, 0));
  const socket = createSocket(isIpv4 ? 'udp4' : 'udp6');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('message', () => resolve(true));
  socket.on('error', () => resolve(false));
  socket.bind({ fd });
  const send = (): void => socket.send('rampart', port, address);
  send();
  const resending = setInterval(send, RESEND_MS);
  const reached = await Promise.race([promise, silence()]);
  clearInterval(resending);
  socket.close();
  return reached;
}

const silence = (): Promise<boolean> => sleep(PATIENCE_MS, false);

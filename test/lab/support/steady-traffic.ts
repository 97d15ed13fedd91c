import { createSocket, type Socket } from 'node:dgram';
import type { IpAddress } from '#libs/domain';
import { inNamespace } from '../../../apps/lab/src/kernel/namespace.js';
import { datagramSocket } from '../../../apps/lab/src/kernel/sockets.js';

const EVERY_MS = 2;
/** So many datagrams of the flow that goes on for each that begins a flow of its own. */
const PER_NEW_FLOW = 5;

/** Datagrams that are sent to one port all the time, of one long flow and of many new ones, and how many arrive. */
export class SteadyTraffic implements Disposable {
  sent = 0;
  arrived = 0;
  readonly #from: string;
  readonly #to: IpAddress;
  readonly #port: number;
  readonly #receiver: Socket;
  readonly #flow: Socket;
  readonly #sending: NodeJS.Timeout;

  constructor(from: string, to: { readonly namespace: string; readonly address: IpAddress }, port: number) {
    [this.#from, this.#to, this.#port] = [from, to.address, port];
    this.#receiver = socketIn(to.namespace, port);
    this.#receiver.on('message', () => this.arrived++);
    this.#flow = socketIn(from, 0);
    this.#sending = setInterval(() => this.#send(), EVERY_MS);
  }

  /** No more is sent; what is under way still arrives. */
  stop(): void {
    clearInterval(this.#sending);
  }

  #send(): void {
    this.#flow.send('more', this.#port, this.#to);
    if (this.sent++ % PER_NEW_FLOW > 0) return;
    const another = socketIn(this.#from, 0);
    another.send('first', this.#port, this.#to, () => another.close());
    this.sent++;
  }

  [Symbol.dispose](): void {
    this.stop();
    this.#flow.close();
    this.#receiver.close();
  }
}

function socketIn(namespace: string, port: number): Socket {
  const fd = inNamespace(namespace, () => datagramSocket('0.0.0.0' as IpAddress, port));
  const socket = createSocket('udp4');
  // What a kernel drops on its way out is told to its sender.
  socket.on('error', () => undefined);
  return socket.bind({ fd });
}

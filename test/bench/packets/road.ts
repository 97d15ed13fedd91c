import { inNamespace } from '../../../apps/lab/src/kernel/namespace.js';
import { beRouter } from '../../../apps/lab/src/kernel/router.js';
import { Namespace } from '../../lab/support/namespace.js';
import { inet, loadCalls, ok, type Calls } from './calls.js';

export const INTERFACE = 'ri-bench';
export const INSTANCE = '10.0.0.4';
export const CLIENT = '192.0.2.2';
export const PORT = 5000;

const [AF_INET, STREAM, DGRAM, RAW] = [2, 1, 2, 3];
const [IPPROTO_RAW, SOL_SOCKET, SO_LINGER] = [255, 1, 13];
/** On, for no time: a close ends the connection at once, and leaves nothing behind. */
const NO_LINGER = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
const PAYLOAD = Buffer.alloc(64);

let loaded: Calls | undefined;
const calls = (): Calls => (loaded ??= loadCalls());

/** A client, a host that routes, and an instance behind it, each in a namespace; the host's kernel is what is measured. */
export class Road implements Disposable {
  readonly host: Namespace;
  readonly #ends: readonly Namespace[];
  readonly #client: Namespace;
  readonly #sink: number;
  readonly #listener: number;
  readonly #sender: number;
  readonly #raw: number;
  #flows = 0;

  constructor(name: string, prepare: (host: Namespace) => void) {
    this.host = new Namespace(`${name}-host`);
    this.#client = new Namespace(`${name}-client`);
    const instance = new Namespace(`${name}-instance`);
    this.#ends = [this.#client, instance];
    this.#lay(instance);
    prepare(this.host);
    [this.#sink, this.#listener] = inNamespace(instance.name, () => [bound(DGRAM), listening()]);
    [this.#sender, this.#raw] = inNamespace(this.#client.name, () => [
      connected(DGRAM, PORT),
      ok('socket', calls().socket(AF_INET, RAW, IPPROTO_RAW)),
    ]);
    this.#establish(instance);
  }

  /** Packets a second of one flow that both ends know. */
  established(count: number): number {
    return rate(count, () => calls().send(this.#sender, PAYLOAD, PAYLOAD.length, 0));
  }

  /** Packets a second, each the first of a flow. */
  newFlows(count: number): number {
    const [packet, to] = [firstPacket(), inet(INSTANCE, 0)];
    return rate(count, () => {
      const flow = this.#flows++;
      packet[14] = 1 + (flow >>> 14);
      packet.writeUInt16BE(1024 + (flow & 0x3fff), 20);
      return calls().sendto(this.#raw, packet, packet.length, 0, to, to.length);
    });
  }

  /** TCP connections a second: opened, accepted, ended. */
  connects(count: number): number {
    return inNamespace(this.#client.name, () =>
      rate(count, () => {
        const client = connected(STREAM, PORT);
        const server = ok('accept', calls().accept(this.#listener, null, null));
        calls().setsockopt(client, SOL_SOCKET, SO_LINGER, NO_LINGER, NO_LINGER.length);
        calls().close(client);
        return calls().close(server);
      }),
    );
  }

  [Symbol.dispose](): void {
    for (const fd of [this.#sink, this.#listener, this.#sender, this.#raw]) calls().close(fd);
    for (const namespace of [this.host, ...this.#ends]) namespace[Symbol.dispose]();
  }

  #lay(instance: Namespace): void {
    const { host } = this;
    const wire = (near: string, far: Namespace, address: string, gateway: string, length: number): void => {
      host.run('ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', far.name);
      host.run('ip', 'address', 'add', `${gateway}/${length}`, 'dev', near);
      host.run('ip', 'link', 'set', near, 'up');
      far.run('ip', 'address', 'add', `${address}/${length}`, 'dev', 'eth0');
      far.run('ip', 'link', 'set', 'eth0', 'up');
      far.run('ip', 'route', 'add', 'default', 'via', gateway);
    };
    wire(INTERFACE, instance, INSTANCE, '10.0.0.1', 24);
    wire('uplink', this.#client, CLIENT, '192.0.2.1', 24);
    inNamespace(host.name, beRouter);
    // Packets of clients that are not there are counted and not answered.
    host.run('ip', 'route', 'add', 'blackhole', '198.18.0.0/15');
  }

  /** One answer, by which connection tracking holds the flow for established. */
  #establish(instance: Namespace): void {
    ok('send', calls().send(this.#sender, PAYLOAD, PAYLOAD.length, 0));
    const to = inet(CLIENT, SENDER_PORT);
    inNamespace(instance.name, () =>
      ok('sendto', calls().sendto(this.#sink, PAYLOAD, PAYLOAD.length, 0, to, to.length)),
    );
  }
}

const SENDER_PORT = 40_000;

function rate(count: number, once: () => number | bigint): number {
  const began = performance.now();
  for (let n = 0; n < count; n++) ok('a packet', once());
  return (count * 1000) / (performance.now() - began);
}

function bound(type: number, port = PORT): number {
  const fd = ok('socket', calls().socket(AF_INET, type, 0));
  ok('bind', calls().bind(fd, inet('0.0.0.0', port), 16));
  return fd;
}

function listening(): number {
  const fd = bound(STREAM);
  ok('listen', calls().listen(fd, 128));
  return fd;
}

function connected(type: number, port: number): number {
  const fd = type === DGRAM ? bound(type, SENDER_PORT) : ok('socket', calls().socket(AF_INET, type, 0));
  ok('connect', calls().connect(fd, inet(INSTANCE, port), 16));
  return fd;
}

/** IPv4 and UDP headers from 198.18.0.0/15; the kernel fills in length and checksum of the one, 0 is none in the other. */
function firstPacket(): Buffer {
  const packet = Buffer.alloc(28 + PAYLOAD.length);
  packet[0] = 0x45;
  packet[8] = 64;
  packet[9] = 17;
  Buffer.from([198, 18, 0, 1]).copy(packet, 12);
  Buffer.from(INSTANCE.split('.').map(Number)).copy(packet, 16);
  packet.writeUInt16BE(PORT, 22);
  packet.writeUInt16BE(8 + PAYLOAD.length, 24);
  return packet;
}

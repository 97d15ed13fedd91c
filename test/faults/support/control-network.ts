import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectSocket, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Namespace } from '../../lab/support/namespace.js';

const HUB = '192.0.2.1';
/** Few bytes may wait on a wire, so that who does not read is noticed. */
const SMALL_BUFFERS = '4096 16384 32768';
const CONFIGURATION = `
listen: "0.0.0.0:4222"
write_deadline: "300ms"
max_payload: 131072
max_pending: 262144
`;
const RELAY = `
const { createServer, connect } = require('node:net');
createServer((near) => {
  const far = connect(4222, '127.0.0.1');
  for (const end of [near, far]) end.on('error', () => (near.destroy(), far.destroy()));
  near.pipe(far).pipe(near);
}).listen(process.argv[1], () => console.log('ready'));
`;

/** A nats-server and a host's machine, each in a namespace, and a wire between them that can be made bad. */
export class ControlNetwork implements AsyncDisposable {
  readonly host: Namespace;
  readonly folder = mkdtempSync(join(tmpdir(), 'rampart-network-'));
  readonly #hub: Namespace;
  readonly #resources = new AsyncDisposableStack();
  #port = 0;
  #said = '';

  private constructor() {
    const resources = this.#resources;
    resources.defer(() => rmSync(this.folder, { recursive: true }));
    this.#hub = resources.use(new Namespace('hub'));
    this.host = resources.use(new Namespace('host'));
  }

  static async lay(): Promise<ControlNetwork> {
    const network = new ControlNetwork();
    await network.#lay();
    return network;
  }

  /** Where the host finds the nats-server. */
  readonly url = `nats://${HUB}:4222`;

  /** What nats-server has written so far. */
  get said(): string {
    return this.#said;
  }

  /** From outside of the two namespaces. */
  async connect(): Promise<NatsConnection> {
    return connect({ servers: `127.0.0.1:${this.#port}`, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  }

  /** Of each packet on the wire, whichever way, so many in ten are lost. */
  lose(inTen: number): void {
    const drop = `numgen random mod 10 < ${inTen} counter drop`;
    this.#hub.run('nft', `add rule inet loss input iifname wire ${drop}`);
    this.#hub.run('nft', `add rule inet loss output oifname wire ${drop}`);
  }

  /** Packets so far. */
  get lost(): number {
    const counters = this.#hub.run('nft', 'list table inet loss').matchAll(/counter packets (\d+)/g);
    return counters.reduce((sum, [, packets]) => sum + Number(packets), 0);
  }

  cut(isCut: boolean): void {
    this.#hub.run('ip', 'link', 'set', 'wire', isCut ? 'down' : 'up');
  }

  async #lay(): Promise<void> {
    const [hub, host] = [this.#hub, this.host];
    hub.run('ip', 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', host.name);
    hub.run('ip', 'address', 'add', `${HUB}/24`, 'dev', 'wire');
    host.run('ip', 'address', 'add', '192.0.2.2/24', 'dev', 'wire');
    for (const end of [hub, host]) {
      end.run('ip', 'link', 'set', 'wire', 'up');
      end.run('sysctl', '-qw', `net.ipv4.tcp_rmem=${SMALL_BUFFERS}`, `net.ipv4.tcp_wmem=${SMALL_BUFFERS}`);
    }
    hub.run('nft', 'add table inet loss');
    for (const hook of ['input', 'output'])
      hub.run('nft', `add chain inet loss ${hook} { type filter hook ${hook} priority 0; }`);
    const configuration = join(this.folder, 'nats.conf');
    writeFileSync(configuration, CONFIGURATION);
    await this.#spawn(['nats-server', '-c', configuration], 'Server is ready');
    await this.#relay();
  }

  /** The test is in neither namespace; a socket in the file system leads in. */
  async #relay(): Promise<void> {
    const path = join(this.folder, 'relay');
    await this.#spawn([process.execPath, '-e', RELAY, path], 'ready');
    const relay = createServer((near) => {
      const far = connectSocket(path);
      for (const end of [near, far]) end.on('error', () => (near.destroy(), far.destroy()));
      near.pipe(far).pipe(near);
    }).listen(0, '127.0.0.1');
    await once(relay, 'listening');
    this.#port = (relay.address() as AddressInfo).port;
    this.#resources.defer(() => void relay.close());
  }

  async #spawn(command: readonly string[], ready: string): Promise<void> {
    const child = spawn('ip', ['netns', 'exec', this.#hub.name, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
    });
    this.#resources.defer(async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.once('exit', () => reject(new Error(`${command.join(' ')}: ${this.#said}`)));
    const hear = (data: Buffer): void => {
      this.#said += data.toString();
      if (this.#said.includes(ready)) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    await promise;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}

import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '../errors.js';
import { ip } from '../kernel/ip.js';
import * as links from '../kernel/links.js';
import { inNamespace, namespaceOf } from '../kernel/namespace.js';
import { ourNamespaces, removeNamespaces } from '../kernel/remains.js';
import { listeningSocket } from '../kernel/sockets.js';
import { beRouter } from '../kernel/router.js';
import { FABRIC_ADDRESSES, type AnyMachine, type HostMachine, type InstanceMachine } from '../machines.js';
import type { Command } from '../processes/command.js';
import { Servers } from '../servers.js';
import { portTaken, LOOPBACK } from './doorways.js';
import type { Doorway, Ground } from './ground.js';

const NATS_PORT = 4222;

/** Real packets: each machine a network namespace. */
export class NamespaceGround implements Ground {
  readonly mode = 'kernel';
  readonly natsListen = `nats://0.0.0.0:${NATS_PORT}`;
  readonly #sockets = new Map<Doorway, number>();
  readonly #servers = new Servers();

  namespaceFor(name: string): string {
    return namespaceOf(name);
  }

  async lay(machines: readonly AnyMachine[]): Promise<void> {
    const hosts = machines.filter((machine): machine is HostMachine => machine.kind === 'host');
    const client = machines.find(({ kind }) => kind === 'client');
    if (!client) throw new TypeError('a lab has a client');
    await ip(links.namespaceLines(hosts, client));
    for (const router of [links.FABRIC, ...hosts.map(({ name }) => namespaceOf(name))])
      inNamespace(router, beRouter);
    await Promise.all([
      ip(links.fabricLines(hosts, client), links.FABRIC),
      ip(links.clientLines(client), namespaceOf(client.name)),
      ...hosts.map((host) => ip(links.hostLines(host), namespaceOf(host.name))),
    ]);
  }

  /** The lab holds the socket, so that connections wait while the program behind it is restarted. */
  open(doorway: Doorway, port: number): Promise<void> {
    try {
      this.#sockets.set(doorway, listeningSocket(LOOPBACK, port));
      return Promise.resolve();
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      return Promise.reject(isTaken ? portTaken(doorway, port) : (error as Error));
    }
  }

  place(command: Command, machine: string, doorway?: Doorway): Command {
    const enter = ['ip', 'netns', 'exec', namespaceOf(machine)] as const;
    const socket = doorway === undefined ? undefined : this.#sockets.get(doorway);
    if (socket === undefined) return { ...command, argv: [...enter, ...command.argv] };
    // As systemd hands sockets over: the receiver checks that they are meant for its very process.
    const asActivated = ['sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh'];
    const env = { ...command.env, LISTEN_FDS: '1' };
    return { ...command, argv: [...enter, ...asActivated, ...command.argv], env, socket };
  }

  natsUrl(machine: string): string {
    return machine === 'fabric'
      ? `nats://127.0.0.1:${NATS_PORT}`
      : `nats://${FABRIC_ADDRESSES[0]}:${NATS_PORT}`;
  }

  relay(): Command {
    const program = join(import.meta.dirname, '..', 'relay.js');
    return { name: 'relay', argv: [process.execPath, program, '127.0.0.1', String(NATS_PORT)] };
  }

  async attach(instances: readonly InstanceMachine[]): Promise<void> {
    await ip(instances.flatMap(links.attachLines));
    const hosts = Map.groupBy(instances, ({ host }) => host);
    await Promise.all([
      ...instances.map((one) => ip(links.instanceEndLines(one), namespaceOf(one.name))),
      ...[...hosts].map(([host, there]) => ip(there.flatMap(links.hostEndLines), namespaceOf(host))),
    ]);
    for (const instance of instances) this.#servers.start(instance, namespaceOf(instance.name));
  }

  async detach(instances: readonly InstanceMachine[]): Promise<void> {
    for (const instance of instances) this.#servers.stop(instance);
    const hosts = Map.groupBy(instances, ({ host }) => host);
    await Promise.all([...hosts].map(([host, there]) => ip(there.map(links.detachLine), namespaceOf(host))));
    await removeNamespaces(instances.map(({ name }) => namespaceOf(name)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#servers.stopAll();
    for (const fd of this.#sockets.values()) closeSync(fd);
    this.#sockets.clear();
    await removeNamespaces(ourNamespaces());
  }
}

/** Why the lab can't have namespaces here; undefined when it can. */
export async function noNamespaces(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  try {
    await ip([`netns add ${links.FABRIC}`, `netns delete ${links.FABRIC}`]);
    return undefined;
  } catch (error) {
    return error instanceof LabError ? error.message : 'iproute2 is not installed';
  }
}

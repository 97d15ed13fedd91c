import { execFileSync } from 'node:child_process';
import type { Instance } from '#libs/domain';
import { inNamespace, namespaceOf } from '../../../apps/lab/src/kernel/namespace.js';
import { ip } from '../../../apps/lab/src/kernel/ip.js';
import * as links from '../../../apps/lab/src/kernel/links.js';
import { beRouter } from '../../../apps/lab/src/kernel/router.js';
import {
  hostMachine,
  instanceMachine,
  internetMachine,
  type HostMachine,
  type InstanceMachine,
} from '../../../apps/lab/src/machines.js';
import type { Link } from './frames.js';
import { Namespace } from './namespace.js';

/** As iproute2 has it. */
interface LinkShown {
  readonly ifindex: number;
  readonly address: string;
}

/** The lab's machines by the lab's wires, in namespaces of this test's own. */
const own = (name: string): string => `test-${process.pid}-${name}`;
const namespaceFor = (name: string): string => namespaceOf(own(name));

/** Hosts and a client called internet on one network; instances behind the hosts, each in a namespace. */
export class Fleet implements AsyncDisposable {
  readonly hosts: readonly HostMachine[];
  readonly internet = internetMachine(namespaceFor);
  readonly #ground: Namespace[] = [];
  readonly #instances = new Map<Instance['instanceId'], InstanceMachine>();

  private constructor(hosts: number) {
    this.hosts = Array.from({ length: hosts }, (_, index) => hostMachine(index + 1, namespaceFor));
  }

  static async lay(hosts: number): Promise<Fleet> {
    const fleet = new Fleet(hosts);
    await fleet.#lay();
    return fleet;
  }

  /** To run commands on a host. */
  groundOf({ namespace }: HostMachine): Namespace {
    const found = this.#ground.find(({ name }) => name === namespace);
    if (!found) throw new TypeError(`no host is in ${namespace}`);
    return found;
  }

  namespaceOf({ instanceId }: Pick<Instance, 'instanceId'>): string {
    return namespaceFor(instanceId);
  }

  /** The instance's end of its link. */
  linkOf(instance: Pick<Instance, 'instanceId'>): Link {
    const namespace = this.namespaceOf(instance);
    const command = ['ip', ['-n', namespace, '-json', 'link', 'show', 'eth0'], { encoding: 'utf8' }] as const;
    const [{ ifindex, address }] = JSON.parse(execFileSync(...command)) as [LinkShown];
    return { namespace, index: ifindex, address };
  }

  /** What a hypervisor does at a launch: the interface that each instance was given, and the way to it. */
  async attach(instances: readonly Instance[]): Promise<void> {
    const machines = instances.map(({ instanceId, hostId, addresses }) =>
      instanceMachine(
        { instanceId, host: own(hostId) as typeof hostId, addresses },
        own(instanceId),
        namespaceOf,
      ),
    );
    await wire(machines);
    for (const one of machines) this.#instances.set(one.id, one);
  }

  /** The wires and namespaces of all attached instances but these go. */
  async keepOnly(instances: ReadonlyMap<Instance['instanceId'], unknown>): Promise<void> {
    const gone = [...this.#instances.values()].filter(({ id }) => !instances.has(id));
    await ip(gone.map(({ name }) => `netns delete ${namespaceOf(name)}`));
    for (const { id } of gone) this.#instances.delete(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.keepOnly(new Map());
    for (const namespace of this.#ground) namespace[Symbol.dispose]();
  }

  async #lay(): Promise<void> {
    const { hosts, internet } = this;
    const fabric = this.#add('fabric');
    for (const { name } of [...hosts, internet]) this.#add(name);
    await ip([
      ...hosts.map(({ name }) => link(name, fabric.name, 'uplink', namespaceFor(name))),
      link(internet.name, fabric.name, 'eth0', namespaceFor(internet.name)),
    ]);
    for (const name of ['fabric', ...hosts.map((host) => host.name)])
      inNamespace(namespaceFor(name), beRouter);
    await Promise.all([
      ip(links.fabricLines(hosts, internet), fabric.name),
      ip(links.clientLines(internet), namespaceFor(internet.name)),
      ...hosts.map((host) => ip(links.hostLines(host), namespaceFor(host.name))),
    ]);
  }

  #add(name: string): Namespace {
    const namespace = new Namespace(name);
    this.#ground.push(namespace);
    return namespace;
  }
}

/** A machine like that one, wired to the same host of a lab though the lab knows nothing of it. */
export async function plug(like: InstanceMachine): Promise<{ readonly namespace: string } & AsyncDisposable> {
  const name = own('plugged');
  const namespace = namespaceOf(name);
  await wire([{ ...like, name, namespace }]);
  return { namespace, [Symbol.asyncDispose]: () => ip([`netns delete ${namespace}`]) };
}

async function wire(machines: readonly InstanceMachine[]): Promise<void> {
  await ip(machines.flatMap(links.attachLines));
  await Promise.all(
    machines.flatMap((one) => [
      ip(links.instanceEndLines(one), namespaceOf(one.name)),
      ip(links.hostEndLines(one), namespaceOf(one.host)),
    ]),
  );
}

const link = (name: string, namespace: string, peer: string, peerNamespace: string): string =>
  `link add name ${name} netns ${namespace} type veth peer name ${peer} netns ${peerNamespace}`;

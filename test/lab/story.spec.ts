import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Instance } from '#libs/domain';
import { NetlinkDataplane } from '#libs/nftables';
import { authorize, Cell, createGroup, fromAnywhere, fromGroup, launch, revoke } from '../support/cell.js';
import { Namespace, noKernel } from './support/namespace.js';

/** Two hosts and a client on one network; instances behind the hosts, each in a namespace of its own. */
class Fleet implements Disposable {
  readonly fabric = new Namespace('fabric');
  readonly #all: Namespace[] = [this.fabric];
  readonly #processes: ChildProcess[] = [];

  constructor() {
    this.fabric.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  }

  /** A namespace joined to the fabric, as a host (which forwards) or as a client. */
  join(name: string, k: number, range?: string): Namespace {
    const namespace = this.#add(name);
    const [net, up] = [`172.31.${k}`, `f${k}`];
    this.fabric.run('ip', 'link', 'add', up, 'type', 'veth', 'peer', 'name', 'up0', 'netns', namespace.name);
    this.fabric.run('ip', 'addr', 'add', `${net}.1/24`, 'dev', up);
    this.fabric.run('ip', 'link', 'set', up, 'up');
    namespace.run('ip', 'addr', 'add', `${net}.2/24`, 'dev', 'up0');
    namespace.run('ip', 'link', 'set', 'up0', 'up');
    namespace.run('ip', 'route', 'add', 'default', 'via', `${net}.1`);
    if (range) {
      namespace.run('sysctl', '-qw', 'net.ipv4.ip_forward=1');
      this.fabric.run('ip', 'route', 'add', range, 'via', `${net}.2`);
    }
    return namespace;
  }

  /** What a hypervisor does at a launch: the interface that the instance was given, and a route to it. */
  plug(host: Namespace, { instanceId, interfaceName, addresses }: Instance): Namespace {
    const [address] = addresses;
    const namespace = this.#add(instanceId);
    host.run(
      'ip',
      'link',
      'add',
      interfaceName,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      namespace.name,
    );
    host.run('ip', 'link', 'set', interfaceName, 'up');
    host.run('ip', 'addr', 'add', '169.254.1.1/32', 'dev', interfaceName);
    host.run('ip', 'route', 'add', `${address}/32`, 'dev', interfaceName);
    namespace.run('ip', 'addr', 'add', `${address}/32`, 'dev', 'eth0');
    namespace.run('ip', 'link', 'set', 'eth0', 'up');
    namespace.run('ip', 'route', 'add', '169.254.1.1', 'dev', 'eth0');
    namespace.run('ip', 'route', 'add', 'default', 'via', '169.254.1.1');
    return namespace;
  }

  /** A server that sends back what it gets, on several ports. */
  async serve(namespace: Namespace, ...ports: readonly number[]): Promise<void> {
    const script = `const net = require('node:net'); let n = 0;
      for (const port of [${ports.join()}]) net.createServer((s) => s.on('error', () => {}).pipe(s)).listen(port, () => ++n === ${ports.length} && console.log('ready'));`;
    await once(this.#start(namespace, script).stdout ?? process.stdin, 'data');
  }

  /** Whether a TCP connection comes about within the time. */
  async reaches(from: Namespace, address: string, port: number): Promise<boolean> {
    const script = `require('node:net').connect(${port}, '${address}').on('connect', () => process.exit(0)).on('error', () => process.exit(1)); setTimeout(() => process.exit(1), 700);`;
    const [status] = (await once(this.#start(from, script), 'exit')) as [number];
    return status === 0;
  }

  /** An open connection: `echo` tells whether a line comes back within the time. */
  async connect(from: Namespace, address: string, port: number): Promise<(line: string) => Promise<boolean>> {
    const script = `const s = require('node:net').connect(${port}, '${address}', () => console.log('connected')); s.on('error', () => {}); s.on('data', (d) => process.stdout.write(d)); process.stdin.pipe(s);`;
    const client = this.#start(from, script);
    const { stdin, stdout } = client;
    if (!stdin || !stdout) throw new Error('unreachable');
    await once(stdout, 'data');
    return async (line) => {
      const answer = once(stdout, 'data', { signal: AbortSignal.timeout(700) }).then(
        () => true,
        () => false,
      );
      stdin.write(`${line}\n`);
      return answer;
    };
  }

  [Symbol.dispose](): void {
    for (const child of this.#processes) child.kill('SIGKILL');
    for (const namespace of this.#all) namespace[Symbol.dispose]();
  }

  #add(name: string): Namespace {
    const namespace = new Namespace(name);
    this.#all.push(namespace);
    return namespace;
  }

  #start(namespace: Namespace, script: string): ChildProcess {
    const child = spawn('ip', ['netns', 'exec', namespace.name, process.execPath, '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#processes.push(child);
    return child;
  }
}

describe.skipIf(noKernel)(`the story, with real packets${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  let fleet: Fleet;
  let cell: Cell;
  let internet: Namespace;
  const hosts: Namespace[] = [];
  const planes: NetlinkDataplane[] = [];

  const start = async (group: string, k: number) => {
    const { events } = await cell.enforce(launch(group, `host-${k}`));
    const [launched] = events.flatMap(({ event }) =>
      event.type === 'InstanceLaunched' ? event.instance : [],
    );
    if (!launched) throw new Error('nothing was launched');
    return {
      address: String(launched.addresses[0]),
      instance: launched,
      namespace: fleet.plug(hosts[k - 1] as Namespace, launched),
    };
  };
  let apache: Awaited<ReturnType<typeof start>>;
  let mysql: Awaited<ReturnType<typeof start>>;

  beforeAll(async () => {
    fleet = new Fleet();
    cell = await Cell.open();
    internet = fleet.join('internet', 9);
    for (const k of [1, 2]) {
      const host = fleet.join(`host-${k}`, k, `10.0.${k}.0/24`);
      const plane = new NetlinkDataplane({ netns: host.path });
      hosts.push(host);
      planes.push(plane);
      await cell.startHost(`host-${k}`, [`10.0.${k}.0/24`], plane);
    }
    for (const name of ['Apache', 'MySQL']) await cell.execute(createGroup(name));
    await cell.execute(authorize('Apache', 80, fromAnywhere));
    await cell.execute(authorize('MySQL', 3306, fromGroup('Apache')));
    apache = await start('Apache', 1);
    mysql = await start('MySQL', 2);
    await fleet.serve(apache.namespace, 80, 81);
    await fleet.serve(mysql.namespace, 3306, 3307);
  });

  afterAll(async () => {
    await cell[Symbol.asyncDispose]();
    for (const plane of planes) plane[Symbol.dispose]();
    fleet[Symbol.dispose]();
  });

  it('lets the world reach Apache on port 80 and nothing else', async () => {
    expect(await fleet.reaches(internet, apache.address, 80)).toBe(true);
    expect(await fleet.reaches(internet, apache.address, 81)).toBe(false);
    expect(await fleet.reaches(internet, mysql.address, 3306)).toBe(false);
  });

  it('lets Apache reach MySQL on another host, by membership', async () => {
    expect(await fleet.reaches(apache.namespace, mysql.address, 3306)).toBe(true);
    expect(await fleet.reaches(apache.namespace, mysql.address, 3307)).toBe(false);
  });

  it('lets a new Apache reach MySQL as soon as its launch is enforced, and not after it is terminated', async () => {
    const third = await start('Apache', 2);
    expect(await fleet.reaches(third.namespace, mysql.address, 3306)).toBe(true);
    await cell.enforce({
      type: 'TerminateInstances',
      accountId: third.instance.accountId,
      instanceIds: [third.instance.instanceId],
    });
    expect(await fleet.reaches(third.namespace, mysql.address, 3306)).toBe(false);
  });

  it('lets no instance speak for another', async () => {
    apache.namespace.run('ip', 'addr', 'add', '10.0.1.77/32', 'dev', 'eth0');
    apache.namespace.run('ip', 'route', 'replace', 'default', 'via', '169.254.1.1', 'src', '10.0.1.77');
    expect(await fleet.reaches(apache.namespace, mysql.address, 3306)).toBe(false);
    apache.namespace.run('ip', 'route', 'replace', 'default', 'via', '169.254.1.1', 'src', apache.address);
    expect(await fleet.reaches(apache.namespace, mysql.address, 3306)).toBe(true);
  });

  it('cuts an established connection with its rule, while another rule’s connection does not notice', async () => {
    await cell.enforce(authorize('MySQL', 3307, fromAnywhere));
    const cut = await fleet.connect(apache.namespace, mysql.address, 3306);
    const kept = await fleet.connect(internet, mysql.address, 3307);
    expect(await cut('before')).toBe(true);
    expect(await kept('before')).toBe(true);
    await cell.enforce(revoke('MySQL', 3306, fromGroup('Apache')));
    expect(await cut('after')).toBe(false);
    expect(await kept('after')).toBe(true);
    await cell.enforce(authorize('MySQL', 3306, fromGroup('Apache')));
  });

  it('converges when nats-server is restarted in the middle of changes, with nothing revoked still open', async () => {
    const changes = Array.from({ length: 60 }, async (_, n) => {
      if (n === 20) await cell.nats.restart();
      await cell.execute(authorize('Apache', 2000 + n, fromAnywhere));
      await cell.execute(revoke('Apache', 2000 + n, fromAnywhere));
    });
    await Promise.all(changes);
    await cell.enforce(revoke('Apache', 80, fromAnywhere));
    expect(await fleet.reaches(internet, apache.address, 80)).toBe(false);
    await cell.enforce(authorize('Apache', 80, fromAnywhere));
    expect(await fleet.reaches(internet, apache.address, 80)).toBe(true);
  });
});

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { freePort } from '../../support/programs.js';

const POLL_MS = 50;
const PASSWORD = '12e34';
const USERS = [
  'CONTROL_PLANE',
  'HOST_1',
  'HOST_2',
  'DEPLOYER',
  'WATCHER',
  'LOG',
  'NATS_ROUTE',
  'NATS_SYSTEM',
];

/** The part of what nats-server says of itself that matters here. */
interface Monitored {
  readonly account_details?: readonly {
    readonly stream_detail?: readonly {
      readonly name: string;
      readonly state: { readonly last_seq: number };
    }[];
  }[];
}

/** One nats-server of the cluster: a process to be killed or held still. */
class Node {
  readonly name: string;
  readonly port: number;
  readonly #monitorPort: number;
  readonly #folder: string;
  readonly #variables: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;

  constructor(
    name: string,
    [port, monitorPort]: readonly [number, number],
    folder: string,
    variables: Readonly<Record<string, string>>,
  ) {
    this.name = name;
    this.port = port;
    this.#monitorPort = monitorPort;
    this.#folder = folder;
    this.#variables = variables;
  }

  start(): void {
    const args = [
      '-c',
      join(this.#folder, 'nats-jetstream.conf'),
      '-a',
      '127.0.0.1',
      '-p',
      String(this.port),
      '-m',
      String(this.#monitorPort),
    ];
    this.#process = spawn('nats-server', args, {
      stdio: 'ignore',
      env: { ...process.env, ...this.#variables, PATH: `${process.env['PATH']}:/usr/sbin` },
    });
  }

  /** How far its own copy of the stream goes, by its own word. */
  async lastOf(stream: string): Promise<number> {
    const url = `http://127.0.0.1:${this.#monitorPort}/jsz?accounts=true&streams=true`;
    const said = await fetch(url).then(
      (answer) => answer.json() as Promise<Monitored>,
      () => undefined,
    );
    const streams = said?.account_details?.flatMap(({ stream_detail }) => stream_detail ?? []);
    return streams?.find(({ name }) => name === stream)?.state.last_seq ?? 0;
  }

  /** `SIGSTOP` and `SIGCONT` cut it off and bring it back, with what it believed before. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** Three nats-servers as deploy/ configures them, on loopback, each with a folder of its own. */
export class JetStreamCluster implements AsyncDisposable {
  readonly nodes: readonly Node[];
  readonly #folder: string;

  private constructor(nodes: readonly Node[], folder: string) {
    this.nodes = nodes;
    this.#folder = folder;
  }

  static async start(): Promise<JetStreamCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'rampart-cluster-'));
    const ports = await Promise.all(Array.from({ length: 9 }, freePort));
    const routes = ports.slice(3, 6).map((port) => `nats://route:${PASSWORD}@127.0.0.1:${port}`);
    const passwords = Object.fromEntries(USERS.map((user) => [`${user}_PASSWORD`, `"${PASSWORD}"`]));
    const nodes = [1, 2, 3].map(
      (n) =>
        new Node(`nats-${n}`, [ports[n - 1] ?? 0, ports[n + 5] ?? 0], join(folder, String(n)), {
          ...passwords,
          NATS_SERVER_NAME: `"nats-${n}"`,
          NATS_ROUTES: JSON.stringify(routes),
        }),
    );
    const cluster = new JetStreamCluster(nodes, folder);
    for (const [index, node] of nodes.entries()) {
      await configure(join(folder, String(index + 1)), ports[index + 3] ?? 0);
      node.start();
    }
    return cluster;
  }

  /** The address of a log kept by all three. */
  addressOf(stream: string): string {
    const hosts = this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return `jetstream:nats://log:${PASSWORD}@${hosts}/${stream}?replicas=3`;
  }

  /** The settings of a connection of that user to all three. */
  settingsOf(user: string): { servers: string[]; user: string; pass: string; inboxPrefix: string } {
    const servers = this.nodes.map(({ port }) => `nats://127.0.0.1:${port}`);
    return { servers, user, pass: PASSWORD, inboxPrefix: `_INBOX_${user}` };
  }

  /** The one that leads the stream; there must be one. */
  async leaderOf(stream: string): Promise<Node> {
    await using connection = await this.#connectAsLog();
    const manager = await jetstreamManager(connection, { checkAPI: false });
    for (;;) {
      const info = await manager.streams.info(stream).catch(() => undefined);
      const leader = this.nodes.find(({ name }) => name === info?.cluster?.leader);
      if (leader) return leader;
    }
  }

  /**
   * Resolves when each of the three has all that any had. The leader's word is not enough: it calls a server that stood
   * still current before that has caught up, and nats-server 2.9 may come to a stop when others are killed meanwhile.
   */
  async whole(stream: string): Promise<void> {
    const all = (): Promise<number[]> => Promise.all(this.nodes.map((node) => node.lastOf(stream)));
    const wanted = Math.max(...(await all()));
    while (Math.min(...(await all())) < wanted) await setTimeout(POLL_MS);
  }

  async #connectAsLog() {
    const connection = await connect({ ...this.settingsOf('log'), waitOnFirstConnect: true });
    return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.close() });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    await rm(this.#folder, { recursive: true });
  }
}

/** The files of deploy/, with places of its own. */
async function configure(folder: string, routePort: number): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, 'nats-server.conf'), await readFile('deploy/nats-server.conf'));
  const text = await readFile('deploy/nats-jetstream.conf', 'utf8');
  await writeFile(
    join(folder, 'nats-jetstream.conf'),
    text
      .replace('"/var/lib/nats-server"', `"${folder}/store"`)
      .replace('0.0.0.0:6222', `127.0.0.1:${routePort}`)
      .replace('100GB', '1GB'),
  );
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { NatsBus, type Bus } from '#libs/bus';
import type { HostSettings } from '#libs/compiler';
import type { Command, Instance, Limits } from '#libs/domain';
import { openMemoryEventStore, type EventStore } from '#libs/event-store';
import type { Dataplane } from '#libs/nftables';
import type { Outcome, Request } from '../../apps/control-plane/src/commands/command-handler.js';
import { Distributor } from '../../apps/control-plane/src/distribution/distributor.js';
import { recordRepairs } from '../../apps/control-plane/src/distribution/repairs.js';
import { CommandLog } from '../../apps/control-plane/src/log/command-log.js';
import type { CommitListener } from '../../apps/control-plane/src/log/commit-listener.js';
import { ReceiptBoard } from '../../apps/control-plane/src/receipts/receipt-board.js';
import { EnforcedPolicy } from '../../apps/host-agent/src/enforcement/enforced-policy.js';
import { HostAgent } from '../../apps/host-agent/src/host-agent.js';
import { StateFile } from '../../apps/host-agent/src/state/state-file.js';
import { freePort } from './programs.js';

export const accountId = '111122223333' as never;

const BY_TEST: Request = { actor: { kind: 'system' }, requestId: 'test' };

export type Accepted = Extract<Outcome, { accepted: true }>;

/** A real nats-server on a free port of loopback. */
export class NatsServer implements AsyncDisposable {
  readonly #port: number;
  #process;

  private constructor(port: number) {
    this.#port = port;
    this.#process = this.#spawn();
  }

  static async start(): Promise<NatsServer> {
    return new NatsServer(await freePort());
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  async connect(): Promise<NatsConnection> {
    return connect({
      servers: this.url,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      reconnectJitter: 10,
      waitOnFirstConnect: true,
    });
  }

  start(): void {
    this.#process = this.#spawn();
  }

  /** Killed: what clients had sent and it had not passed on is lost. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #spawn() {
    return spawn('nats-server', ['-a', '127.0.0.1', '-p', String(this.#port)], {
      stdio: 'ignore',
      env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
    });
  }
}

export interface CellOptions {
  /** Instead of one of its own on loopback. */
  readonly nats?: Pick<NatsServer, 'connect' | 'url'> & AsyncDisposable;
  readonly limits?: Limits;
  /** Told of each commit before, and after, it is broadcast. */
  readonly onDurable?: CommitListener;
  readonly onPublished?: CommitListener;
}

/** A control plane without its edges: commands in by hand, everything else as it is. */
export class Cell implements AsyncDisposable {
  readonly nats: Pick<NatsServer, 'connect' | 'url'> & AsyncDisposable;
  readonly receipts = new ReceiptBoard();
  readonly #options: CellOptions;
  readonly #buses: Bus[] = [];
  readonly #agents: HostAgent[] = [];
  #commands: CommandLog | undefined;

  private constructor(nats: Cell['nats'], options: CellOptions) {
    this.nats = nats;
    this.#options = options;
  }

  static async open(store: EventStore = openMemoryEventStore(), options: CellOptions = {}): Promise<Cell> {
    const cell = new Cell(options.nats ?? (await NatsServer.start()), options);
    await cell.startControlPlane(store);
    await cell.execute(openAccount());
    return cell;
  }

  async startControlPlane(store: EventStore): Promise<void> {
    const distributor = new Distributor(this.receipts);
    const { onDurable, onPublished, ...options } = this.#options;
    const listeners = [
      onDurable,
      (commit, arrival) => distributor.project(commit, arrival),
      onPublished,
    ] satisfies (CommitListener | undefined)[];
    this.#commands = await CommandLog.open(
      store,
      listeners.filter((one) => one !== undefined),
      options,
    );
    const bus = await this.#connect();
    distributor.serve(bus, this.#commands);
    recordRepairs(bus, this.#commands);
  }

  async execute(command: object, request: Request = BY_TEST): Promise<Accepted> {
    const outcome = await this.#commands?.handle(command as Command, request);
    if (!outcome?.accepted) throw new Error(`refused: ${JSON.stringify(outcome?.refusal)}`);
    return outcome;
  }

  /** Executes, and resolves once all hosts concerned enforce it. */
  async enforce(command: object): Promise<Accepted> {
    const outcome = await this.execute(command);
    const { concerned, enforced, waitingFor } = await this.receipts.wait(outcome.position, 10_000);
    if (enforced < concerned) throw new Error(`not enforced on ${waitingFor.join(', ')}`);
    return outcome;
  }

  async startHost(
    hostId: string,
    ranges: readonly string[],
    dataplane: Dataplane,
    file?: string,
    own: { readonly settings?: HostSettings; readonly addresses?: readonly string[] } = {},
  ): Promise<HostAgent> {
    const state = new StateFile(file ?? join(mkdtempSync(join(tmpdir(), 'rampart-agent-')), 'state'));
    const warn = (): void => undefined;
    const agent = new HostAgent(EnforcedPolicy.restore(dataplane, state, warn, own.settings), {
      hostId: hostId as never,
      ranges: ranges as never,
      ...(own.addresses ? { addresses: own.addresses as never } : {}),
      bus: await this.#connect(),
      warn,
    });
    this.#agents.push(agent);
    await agent.start();
    return agent;
  }

  async #connect(): Promise<Bus> {
    const bus = new NatsBus(await this.nats.connect());
    this.#buses.push(bus);
    return bus;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.#agents) agent.stop();
    await Promise.all(this.#buses.map((bus) => bus.close()));
    await this.nats[Symbol.asyncDispose]();
  }
}

let last = 0;
export const newId = (prefix: string): string => `${prefix}-${(++last).toString(16).padStart(8, '0')}`;

export const openAccount = (): object => ({
  type: 'OpenAccount',
  accountId,
  vpcId: 'vpc-00000001',
  defaultGroupId: 'sg-ffffffff',
  ruleIds: ['a', 'b', 'c'].map((letter) => `sgr-fffffff${letter}`),
});

export const enrollHost = (hostId: string, range: string): object => ({
  type: 'EnrollHost',
  hostId,
  ranges: [range],
});

export const createGroup = (name: string): object => ({
  type: 'CreateGroup',
  accountId,
  groupId: newId('sg'),
  name,
  description: name,
  ruleIds: [newId('sgr'), newId('sgr')],
});

export const launch = (group: string, hostId: string, count = 1): object => ({
  type: 'LaunchInstances',
  accountId,
  reservationId: newId('r'),
  instanceIds: Array.from({ length: count }, () => newId('i')),
  atLeast: count,
  groups: [{ groupName: group }],
  imageId: 'ami-1',
  instanceType: 't3.micro',
  hostId,
});

export const terminate = (instanceIds: readonly string[]): object => ({
  type: 'TerminateInstances',
  accountId,
  instanceIds,
});

export const instancesIn = ({ events }: Accepted): readonly Instance[] =>
  events.flatMap(({ event }) => (event.type === 'InstanceLaunched' ? [event.instance] : []));

export const fromAnywhere = { kind: 'cidr', cidr: '0.0.0.0/0' };
export const fromGroup = (groupName: string): object => ({ kind: 'group', accountId, group: { groupName } });
const permission = (port: number, peer: object): object => ({
  traffic: { kind: 'ports', protocol: 6, from: port, to: port },
  peer,
});

export const authorize = (groupName: string, port: number, peer: object): object => ({
  type: 'AuthorizeRules',
  accountId,
  group: { groupName },
  direction: 'ingress',
  rules: [{ ruleId: newId('sgr'), ...permission(port, peer) }],
});

/** So many ports, each a rule of its own, in one request. */
export const authorizePorts = (groupName: string, count: number, first = 1): object => ({
  type: 'AuthorizeRules',
  accountId,
  group: { groupName },
  direction: 'ingress',
  rules: Array.from({ length: count }, (_, n) => ({
    ruleId: newId('sgr'),
    ...permission(first + n, fromAnywhere),
  })),
});

export const revoke = (groupName: string, port: number, peer: object): object => ({
  type: 'RevokeRules',
  accountId,
  group: { groupName },
  direction: 'ingress',
  permissions: [permission(port, peer)],
  ruleIds: [],
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import type { HostSettings } from '#libs/compiler';
import type { Event } from '#libs/domain';
import { openSqliteEventStore, type EventStore } from '#libs/event-store';
import { NetlinkDataplane } from '#libs/nftables';
import { commandSubject, signRequest } from '#libs/protocol';
import { accountId, NatsServer } from '../../support/cell.js';
import { defaultSettings } from '../../support/oracle.js';
import { freePort, Program } from '../../support/programs.js';
import { Fleet } from '../../lab/support/fleet.js';

/** What a service is told of its command. */
export interface Answer {
  readonly accepted: boolean;
  readonly code?: string;
  readonly position: number;
  readonly events: readonly Event[];
  readonly receipt?: {
    readonly concerned: number;
    readonly enforced: number;
    readonly waitingFor: readonly string[];
  };
}

const ANSWER_MS = 1_000;
const OPERATOR = {
  accountId,
  accessKeyId: 'AKIDEXAMPLE12345',
  secretAccessKey: 'a secret of many letters',
  operator: true,
};
/** Some of its instances are on interfaces that others name. */
const INTERFACES = ['ri-*', 'vnet*'];
/** Clocks of hosts go wrong, and nothing may depend on them. */
const TEN_DAYS_AHEAD = `data:text/javascript,const now = Date.now; Date.now = () => now() + 864e6;`;

/** A nats-server, a control plane on SQLite and an agent on each of two hosts: every one a process to be killed. */
export class Plant implements AsyncDisposable {
  readonly #resources = new AsyncDisposableStack();
  readonly planes = new Map<string, NetlinkDataplane>();
  readonly agents = new Map<string, Program>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'rampart-plant-'));
  fleet!: Fleet;
  nats!: NatsServer;
  controlPlane!: Program;
  #url!: URL;
  #connection!: NatsConnection;

  static async start(): Promise<Plant> {
    const plant = new Plant();
    try {
      await plant.#start();
      return plant;
    } catch (error) {
      await plant[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Undefined when there was no answer: then nobody knows whether it happened. */
  async ask(body: object): Promise<Answer | undefined> {
    const wait = 'wait' in body ? Number(body.wait) * 1_000 : 0;
    try {
      const subject = commandSubject(accountId);
      const message = await this.#connection.request(subject, JSON.stringify(body), {
        timeout: ANSWER_MS + wait,
      });
      return message.json<Answer>();
    } catch {
      return undefined;
    }
  }

  /** The native API, as its operator; the answer's JSON. */
  async operate(method: 'GET' | 'DELETE', path: string): Promise<unknown> {
    const url = new URL(path, this.#url);
    const request = { method, path: url.pathname, query: url.search.slice(1), body: '' };
    const headers = { host: url.host };
    const scope = { region: 'us-east-1', service: 'rampart', time: new Date().toISOString() };
    const signature = signRequest({ ...request, headers }, OPERATOR, scope);
    return (await fetch(url, { method, headers: { ...headers, ...signature } })).json();
  }

  /** The log as it is on disk, beside the control plane that writes it. */
  openLog(): Promise<EventStore> {
    return openSqliteEventStore(this.#log);
  }

  /** Where scripts on that host reach its agent. */
  socketOf(hostId: string): string {
    return join(this.#folder, `${hostId}.sock`);
  }

  /** What its agents enforce whatever the policy says. */
  get settings(): HostSettings {
    return { ...defaultSettings(this.nats.url), interfaces: INTERFACES };
  }

  get #log(): string {
    return join(this.#folder, 'log.db');
  }

  async #start(): Promise<void> {
    const resources = this.#resources;
    resources.defer(() => rmSync(this.#folder, { recursive: true }));
    this.fleet = resources.use(await Fleet.lay(2));
    this.nats = resources.use(await NatsServer.start());
    this.#connection = await this.nats.connect();
    resources.defer(() => this.#connection.close());
    const listen = `127.0.0.1:${await freePort()}`;
    this.#url = new URL(`http://${listen}`);
    const keys = join(this.#folder, 'keys.json');
    writeFileSync(keys, JSON.stringify([OPERATOR]));
    this.controlPlane = resources.use(
      await Program.controlPlane({
        RAMPART_LISTEN: listen,
        RAMPART_NATS_URL: this.nats.url,
        RAMPART_LOG: `sqlite:${this.#log}`,
        RAMPART_ACCESS_KEYS: keys,
      }),
    );
    for (const host of this.fleet.hosts) {
      const { path } = this.fleet.groundOf(host);
      const variables = {
        RAMPART_HOST_ID: host.id,
        RAMPART_HOST_RANGES: host.ranges.join(),
        RAMPART_NATS_URL: this.nats.url,
        RAMPART_STATE: join(this.#folder, host.id),
        RAMPART_NETNS: path,
        ...(host.id === 'host-2' ? { NODE_OPTIONS: `--import="${TEN_DAYS_AHEAD}"` } : {}),
        RAMPART_INTERFACES: INTERFACES.join(','),
        RAMPART_AGENT_SOCKET: this.socketOf(host.id),
      };
      this.agents.set(host.id, resources.use(await Program.hostAgent(variables)));
      this.planes.set(host.id, resources.use(new NetlinkDataplane({ netns: path })));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#resources.disposeAsync();
  }
}

import { join } from 'node:path';
import { openSqliteEventStore } from '#libs/event-store';
import {
  authorize,
  authorizePorts,
  Cell,
  createGroup,
  enrollHost,
  fromGroup,
  launch,
  NatsServer,
  type Accepted,
} from '../../support/cell.js';
import { processorMilliseconds } from '../memory.js';
import { openFolder, UNLIMITED } from '../support.js';
import { hostName, Hosts, rangeOf } from './hosts.js';

/** Changes that are not counted come first, until the code is compiled. */
const WARM_UP = 30;

interface Moments {
  readonly durable: number;
  readonly published: number;
}

export interface Samples {
  /** From the command's call to the last host's confirmation. */
  readonly enforced: number[];
  /** What the control plane does for a change, reports aside. */
  readonly told: number[];
  /** CPU time of the control plane for all of it, in milliseconds. */
  readonly busy: number[];
  /** The same of all agents, and of nats-server, of a change on average. */
  readonly agents: number[];
  readonly nats: number[];
}

/** A cell whose hosts all have an instance in `web`, which has a rule that refers to `crowd`. */
export class Ground implements AsyncDisposable {
  readonly hosts: Hosts;
  readonly #cell: Cell;
  readonly #resources: AsyncDisposableStack;
  readonly #moments: Moments;
  readonly #nats: NatsServer;

  private constructor(
    cell: Cell,
    hosts: Hosts,
    resources: AsyncDisposableStack,
    moments: Moments,
    nats: NatsServer,
  ) {
    this.hosts = hosts;
    this.#cell = cell;
    this.#resources = resources;
    this.#moments = moments;
    this.#nats = nats;
  }

  static async open(hosts: number): Promise<Ground> {
    await using resources = new AsyncDisposableStack();
    const folder = resources.use(await openFolder());
    const store = resources.use(await openSqliteEventStore(join(folder.path, 'log.db')));
    const moments = { durable: 0, published: 0 };
    const nats = await NatsServer.start();
    const cell = resources.use(
      await Cell.open(store, {
        nats,
        limits: UNLIMITED,
        onDurable: () => (moments.durable = performance.now()),
        onPublished: () => (moments.published = performance.now()),
      }),
    );
    for (const name of ['web', 'crowd']) await cell.execute(createGroup(name));
    await cell.execute(authorizePorts('web', 10, 60_000));
    await cell.execute(authorize('web', 60_100, fromGroup('crowd')));
    for (let number = 1; number <= hosts; number++) {
      await cell.execute(enrollHost(hostName(number), rangeOf(number)));
      await cell.execute(launch('web', hostName(number)));
    }
    // Referred to, and followed by host 1, before anything is measured.
    await cell.execute(launch('crowd', hostName(1)));
    const running = resources.use(await Hosts.start(hosts, cell.nats.url));
    await running.sync();
    return new Ground(cell, running, resources.move(), moments, nats);
  }

  execute(command: object): Promise<Accepted> {
    return this.#cell.execute(command);
  }

  async measure(
    changes: number,
    change: (n: number, before: Accepted | undefined) => object,
  ): Promise<Samples> {
    const samples: Samples = { enforced: [], told: [], busy: [], agents: [], nats: [] };
    let before = this.#others();
    let last: Accepted | undefined;
    for (let n = 0; n < WARM_UP + changes; n++) {
      if (n === WARM_UP) before = this.#others();
      const command = change(n, last);
      const [began, cpu] = [performance.now(), process.cpuUsage()];
      last = await this.#cell.enforce(command);
      const ended = performance.now();
      const { user, system } = process.cpuUsage(cpu);
      if (n < WARM_UP) continue;
      samples.enforced.push(ended - began);
      samples.told.push(this.#moments.published - this.#moments.durable);
      samples.busy.push((user + system) / 1000);
    }
    const after = this.#others();
    samples.agents.push((after.agents - before.agents) / changes);
    samples.nats.push((after.nats - before.nats) / changes);
    return samples;
  }

  #others(): Record<'agents' | 'nats', number> {
    const agents = this.hosts.pids.map((pid) => processorMilliseconds(pid));
    return { agents: agents.reduce((sum, one) => sum + one, 0), nats: processorMilliseconds(this.#nats.pid) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

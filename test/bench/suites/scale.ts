import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openSqliteEventStore } from '#libs/event-store';
import {
  authorize,
  authorizePorts,
  Cell,
  createGroup,
  enrollHost,
  fromAnywhere,
  fromGroup,
  instancesIn,
  launch,
  revoke,
  terminate,
} from '../../support/cell.js';
import { hostName, Hosts, rangeOf } from '../fleet/hosts.js';
import type { Report } from '../report.js';
import { openFolder, UNLIMITED } from '../support.js';

export const about =
  'one change that many hosts must enforce: real agents on FAKE DATAPLANES, many to a process; nats-server, SQLite';

const WARM_UP = 30;
const COUNTS = [10, 500, 1000, 5000];

export async function run(report: Report, options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: { changes: { type: 'string', default: '100' }, hosts: { type: 'string' } },
    strict: false,
  });
  const counts = values.hosts === undefined ? COUNTS : String(values.hosts).split(',').map(Number);
  const changes = Number(values.changes);
  let thousand = 0;
  for (const hosts of counts) {
    await using ground = await Ground.open(hosts);
    const name = `scale: ${hosts} hosts`;
    const { enforced, told, busy } = await ground.measure(changes, (n) =>
      (n % 2 === 0 ? authorize : revoke)('web', 1 + (n >> 1), fromAnywhere),
    );
    const { p50 } = report.add(`${name}: authorize → enforced on the last`, 'ms', enforced);
    report.add(`${name}: authorize: durable → published`, 'ms', told);
    report.add(
      `${name}: authorize: CPU time of the control plane, for each host`,
      'µs',
      busy.map((ms) => (ms * 1000) / hosts),
    );
    if (hosts === 1000) thousand = p50;
    if (hosts === 5000 && thousand > 0) report.add(`${name}: p50 against 1000 hosts`, '×', [p50 / thousand]);
    const launched = await ground.measure(changes, (n, before) =>
      n % 2 === 0 || !before
        ? launch('crowd', hostName(1))
        : terminate(instancesIn(before).map(({ instanceId }) => instanceId)),
    );
    const ofLaunch = report.add(`${name}: launch into a group that all refer to`, 'ms', launched.enforced);
    report.add(`${name}: launch: p50 against authorize`, '×', [ofLaunch.p50 / p50]);
  }
}

interface Moments {
  readonly durable: number;
  readonly published: number;
}

interface Samples {
  /** From the command's call to the last host's confirmation. */
  readonly enforced: number[];
  /** What the control plane does for a change, reports aside. */
  readonly told: number[];
  /** CPU time of the control plane for all of it, in milliseconds. */
  readonly busy: number[];
}

/** A cell whose hosts all have an instance in `web`, which has a rule that refers to `crowd`. */
class Ground implements AsyncDisposable {
  readonly #cell: Cell;
  readonly #resources: AsyncDisposableStack;
  readonly #moments: Moments;

  private constructor(cell: Cell, resources: AsyncDisposableStack, moments: Moments) {
    this.#cell = cell;
    this.#resources = resources;
    this.#moments = moments;
  }

  static async open(hosts: number): Promise<Ground> {
    await using resources = new AsyncDisposableStack();
    const folder = resources.use(await openFolder());
    const store = resources.use(await openSqliteEventStore(join(folder.path, 'log.db')));
    const moments = { durable: 0, published: 0 };
    const cell = resources.use(
      await Cell.open(store, {
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
    const fleet = resources.use(await Hosts.start(hosts, cell.nats.url));
    await fleet.sync();
    return new Ground(cell, resources.move(), moments);
  }

  async measure(
    changes: number,
    change: (n: number, before: Awaited<ReturnType<Cell['enforce']>> | undefined) => object,
  ): Promise<Samples> {
    const samples: Samples = { enforced: [], told: [], busy: [] };
    let last: Awaited<ReturnType<Cell['enforce']>> | undefined;
    for (let n = 0; n < WARM_UP + changes; n++) {
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
    return samples;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

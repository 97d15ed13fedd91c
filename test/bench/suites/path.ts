import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openSqliteEventStore } from '#libs/event-store';
import { FakeDataplane, NetlinkDataplane, type Dataplane } from '#libs/nftables';
import { Namespace, noKernel } from '../../lab/support/namespace.js';
import {
  authorize,
  authorizePorts,
  Cell,
  type Accepted,
  createGroup,
  enrollHost,
  fromAnywhere,
  fromGroup,
  instancesIn,
  launch,
  revoke,
  terminate,
} from '../../support/cell.js';
import type { Report } from '../report.js';
import { openFolder, UNLIMITED } from '../support.js';

const where = noKernel === undefined ? 'the real kernel' : `A FAKE DATAPLANE, as a kernel ${noKernel}`;

export const about = `one change at a time on one host: nats-server, SQLite, ${where}`;

type Change = (n: number, before: Accepted | undefined) => object;
type Execute = (command: object) => Promise<unknown>;

const ALONE = 'nothing else';

/** What the host holds already when the changes come. */
const VARIANTS: Readonly<Record<string, (execute: Execute) => Promise<void>>> = {
  [ALONE]: async () => undefined,
  '10,000 rules': async (execute) => {
    await execute(authorizePorts('web', 10_000, 2000));
  },
  '1,000 instances': async (execute) => {
    for (let n = 0; n < 10; n++) await execute(launch('web', 'host-1', 100));
  },
  '50,000 members': async (execute) => {
    for (let n = 0; n < 500; n++) await execute(launch('crowd', 'host-2', 100));
  },
};

/** What `--groups`, `--rules` and `--instances` ask for: so many groups, rules in each, and instances in all of them. */
const loadOf =
  (groups: number, rules: number, instances: number) =>
  async (execute: Execute): Promise<void> => {
    for (let n = 0; n < groups; n++) {
      await execute(createGroup(`group ${n}`));
      if (rules > 0) await execute(authorizePorts(`group ${n}`, rules, 2000));
    }
    for (let n = 0; n < instances; n++) await execute(launch(`group ${n % groups}`, 'host-1'));
  };

/** Each from the one before it. */
const STAGES = ['→ durable', '→ published', '→ committed', '→ reported'] as const;
const SUM = 'in sum';
type Stage = (typeof STAGES)[number];
type Moments = Record<'received' | Stage, number>;
type Samples = Record<Stage | typeof SUM, number[]>;

/** Requests that come together. */
const BURST = 100;

/** Changes that are not counted come first, until the code is compiled. */
const WARM_UP = 300;

/** Every other change takes back the one before. */
const CHANGES: Readonly<Record<string, Change>> = {
  rule: (n) => (n % 2 === 0 ? authorize : revoke)('web', 1 + (n >> 1), fromAnywhere),
  // A prefix length that no other rule has makes the kernel program another: a set and a lookup come and go.
  'rule of a new shape': (n) =>
    (n % 2 === 0 ? authorize : revoke)('web', 1, { kind: 'cidr', cidr: '10.64.0.0/11' }),
  // Into the group that is a rule's peer, so that both are news of its members.
  launch: (n, before) =>
    n % 2 === 0 || !before
      ? launch('crowd', 'host-1')
      : terminate(instancesIn(before).map(({ instanceId }) => instanceId)),
};

export async function run(report: Report, options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      changes: { type: 'string', default: '1000' },
      variant: { type: 'string' },
      groups: { type: 'string' },
      rules: { type: 'string', default: '0' },
      instances: { type: 'string', default: '0' },
    },
    strict: false,
  });
  const changes = Number(values.changes);
  if (values.groups !== undefined) {
    const [groups, rules, instances] = [
      Number(values.groups),
      Number(values.rules),
      Number(values.instances),
    ];
    await using ground = await Ground.open(loadOf(groups, rules, instances));
    const name = `path: ${groups} groups, ${rules} rules each, ${instances} instances`;
    await wholePath(report, name, ground, changes);
    return;
  }
  const alones = new Map<string, number>();
  for (const [variant, load] of Object.entries(VARIANTS)) {
    if (values.variant !== undefined && variant !== ALONE && variant !== values.variant) continue;
    await using ground = await Ground.open(load);
    for (const [kind, change] of Object.entries(CHANGES)) {
      const samples = await ground.measure(changes, change);
      for (const stage of [...(kind === 'rule' ? STAGES : []), SUM] as const) {
        const { p50 } = report.add(`path: ${kind}, ${variant}: ${stage}`, 'ms', samples[stage]);
        if (stage !== SUM) continue;
        const alone = alones.getOrInsert(kind, p50);
        if (variant !== ALONE)
          report.add(`path: ${kind}, ${variant}: p50 against ${ALONE}`, '×', [p50 / alone]);
      }
    }
  }
}

/** From the request to the kernel of all hosts concerned, the report included. */
async function wholePath(report: Report, name: string, ground: Ground, changes: number): Promise<void> {
  for (const [kind, change] of Object.entries(CHANGES)) {
    const samples = await ground.measure(changes, change);
    report.add(`${name}: ${kind}: requested → enforced`, 'ms', samples[SUM]);
  }
  const { milliseconds, rates } = await ground.bursts(changes);
  report.add(`${name}: rule, ${BURST} at once: requested → enforced`, 'ms', milliseconds);
  report.add(`${name}: rule, ${BURST} at once`, '1/s', rates);
}

/** A cell of its own, with one host, loaded before the host starts, so that it comes by sync. */
class Ground implements AsyncDisposable {
  readonly #cell: Cell;
  readonly #moments: Moments;
  readonly #resources: AsyncDisposableStack;

  private constructor(cell: Cell, moments: Moments, resources: AsyncDisposableStack) {
    this.#cell = cell;
    this.#moments = moments;
    this.#resources = resources;
  }

  static async open(load: (execute: Execute) => Promise<void>): Promise<Ground> {
    await using resources = new AsyncDisposableStack();
    const folder = resources.use(await openFolder());
    const namespace = noKernel === undefined ? resources.use(new Namespace('bench')) : undefined;
    const dataplane = resources.use(
      namespace ? new NetlinkDataplane({ netns: namespace.path }) : new FakeDataplane(),
    );
    const store = resources.use(await openSqliteEventStore(join(folder.path, 'log.db')));
    const moments: Moments = {
      received: 0,
      '→ durable': 0,
      '→ published': 0,
      '→ committed': 0,
      '→ reported': 0,
    };
    const cell = resources.use(
      await Cell.open(store, {
        limits: UNLIMITED,
        onDurable: () => (moments['→ durable'] = performance.now()),
        onPublished: () => (moments['→ published'] = performance.now()),
      }),
    );
    await cell.execute(enrollHost('host-1', '10.0.0.0/16'));
    await cell.execute(enrollHost('host-2', '10.1.0.0/16'));
    for (const name of ['web', 'crowd']) await cell.execute(createGroup(name));
    for (const name of ['web', 'crowd']) await cell.execute(launch(name, 'host-1'));
    await cell.execute(authorize('web', 60_000, fromGroup('crowd')));
    await cell.execute(authorize('web', 60_001, fromAnywhere));
    await load((command) => cell.execute(command));
    await cell.startHost('host-1', ['10.0.0.0/16'], timed(dataplane, moments), join(folder.path, 'state'));
    return new Ground(cell, moments, resources.move());
  }

  async measure(changes: number, change: Change): Promise<Samples> {
    const samples: Samples = {
      '→ durable': [],
      '→ published': [],
      '→ committed': [],
      '→ reported': [],
      [SUM]: [],
    };
    let last: Accepted | undefined;
    for (let n = 0; n < WARM_UP + changes; n++) {
      const command = change(n, last);
      const moments = this.#moments;
      moments.received = performance.now();
      last = await this.#cell.enforce(command);
      moments['→ reported'] = performance.now();
      if (n < WARM_UP) continue;
      let before = moments.received;
      for (const stage of STAGES) {
        samples[stage].push(moments[stage] - before);
        before = moments[stage];
      }
      samples[SUM].push(before - moments.received);
    }
    return samples;
  }

  /** So many changes, a burst at a time; each burst is taken back before the next. */
  async bursts(changes: number): Promise<{ readonly milliseconds: number[]; readonly rates: number[] }> {
    const [milliseconds, rates]: [number[], number[]] = [[], []];
    const one = async (command: object): Promise<void> => {
      const began = performance.now();
      await this.#cell.enforce(command);
      milliseconds.push(performance.now() - began);
    };
    for (let done = 0; done < changes; done += BURST)
      for (const change of [authorize, revoke]) {
        const began = performance.now();
        await Promise.all(Array.from({ length: BURST }, (_, n) => one(change('web', 1 + n, fromAnywhere))));
        rates.push((BURST * 1000) / (performance.now() - began));
      }
    return { milliseconds, rates };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

/** Notes when the kernel has answered last. */
const timed = (dataplane: Dataplane, moments: Moments): Dataplane => ({
  commit(transaction) {
    const outcome = dataplane.commit(transaction);
    moments['→ committed'] = performance.now();
    return outcome;
  },
  read: () => dataplane.read(),
  wasTouched: () => dataplane.wasTouched(),
  [Symbol.dispose]: () => dataplane[Symbol.dispose](),
});

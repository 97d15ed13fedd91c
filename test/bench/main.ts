import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EC2_LIMITS } from '#libs/domain';
import { openSqliteEventStore } from '#libs/event-store';
import { FakeDataplane, NetlinkDataplane } from '#libs/nftables';
import { Directory } from '#libs/projections';
import { Distributor } from '../../apps/control-plane/src/distribution/distributor.js';
import { CommandLog } from '../../apps/control-plane/src/log/command-log.js';
import { ReceiptBoard } from '../../apps/control-plane/src/receipts/receipt-board.js';
import { Namespace, noKernel } from '../lab/support/namespace.js';
import {
  accountId,
  authorize,
  Cell,
  createGroup,
  fromAnywhere,
  launch,
  newId,
  revoke,
} from '../support/cell.js';

// Figures of this machine, now: a table for people, and a line of JSON each for programs.

const UNLIMITED = { ...EC2_LIMITS, groupsPerAccount: 1e9, rulesPerGroup: 1e9, groupsPerInstance: 16 };
const request = { actor: { kind: 'system' }, requestId: 'bench' } as const;
const results: Record<string, number | string>[] = [];

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.floor(q * (sorted.length - 1))] ?? 0;

function report(name: string, unit: string, samples: readonly number[]): void {
  const sorted = samples.toSorted((one, other) => one - other);
  const round = (value: number): number => Number(value.toPrecision(3));
  const [p50, p99, low, high] = [0.5, 0.99, 0, 1].map((q) => round(quantile(sorted, q)));
  results.push({
    name,
    unit,
    samples: sorted.length,
    p50: p50 ?? 0,
    p99: p99 ?? 0,
    min: low ?? 0,
    max: high ?? 0,
  });
}

const logFile = async (): Promise<string> => join(await mkdtemp(join(tmpdir(), 'rampart-bench-')), 'log.db');

async function openLog(file: string) {
  const store = await openSqliteEventStore(file);
  const [directory, distributor] = [new Directory(), new Distributor(new ReceiptBoard())];
  const log = await CommandLog.open(
    store,
    [(commit) => commit.forEach((one) => directory.project(one)), (commit) => distributor.project(commit)],
    { limits: UNLIMITED },
  );
  return { store, log };
}

/** Commands with 64 in flight, and then the start on what they left behind. */
async function benchLog(): Promise<void> {
  const file = await logFile();
  const ids = [newId('sgr'), newId('sgr'), newId('sgr')];
  const { store, log } = await openLog(file);
  await log.handle(
    {
      type: 'OpenAccount',
      accountId,
      vpcId: newId('vpc'),
      defaultGroupId: newId('sg'),
      ruleIds: ids,
    } as never,
    request,
  );
  const rates: number[] = [];
  for (let round = 0; round < 10; round++) {
    const began = performance.now();
    const client = async (k: number): Promise<void> => {
      for (let n = 0; n < 100; n++)
        await log.handle(createGroup(`group ${round} ${k} ${n}`) as never, request);
    };
    await Promise.all(Array.from({ length: 64 }, (_, k) => client(k)));
    rates.push(6400 / ((performance.now() - began) / 1000));
  }
  report('durable commands, 64 in flight', '1/s', rates);
  const events = await store.end();
  await store[Symbol.asyncDispose]();
  const replays: number[] = [];
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    const again = await openLog(file);
    replays.push(events / ((performance.now() - began) / 1000));
    await again.store[Symbol.asyncDispose]();
  }
  report(`replay at start, ${events} events`, '1/s', replays);
}

/** One change at a time: command received → durable → published → committed → reported. */
async function benchPath(): Promise<void> {
  using namespace = noKernel ? undefined : new Namespace('bench');
  using dataplane = namespace ? new NetlinkDataplane({ netns: namespace.path }) : new FakeDataplane();
  await using store = await openSqliteEventStore(await logFile());
  await using cell = await Cell.open(store);
  await cell.startHost('host-1', ['10.0.0.0/16'], dataplane);
  await cell.enforce(createGroup('web'));
  await cell.enforce(launch('web', 'host-1'));
  const samples: number[] = [];
  for (let n = 0; n < 1000; n++) {
    const change = n % 2 === 0 ? authorize : revoke;
    const began = performance.now();
    await cell.enforce(change('web', 1 + (n >> 1), fromAnywhere));
    samples.push(performance.now() - began);
  }
  report(`command → enforced and reported, ${noKernel ? 'fake' : 'kernel'}, one host`, 'ms', samples);
}

await benchLog();
await benchPath();
console.table(results);
for (const result of results) console.log(JSON.stringify(result));

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { noKernel, Namespace } from '../../lab/support/namespace.js';
import { authorizePorts, Cell, createGroup, enrollHost, launch } from '../../support/cell.js';
import { Program } from '../../support/programs.js';
import { processorMilliseconds, residentMegabytes } from '../memory.js';
import type { Report } from '../report.js';
import { openFolder, UNLIMITED } from '../support.js';

export const about =
  noKernel === undefined
    ? 'an agent as a process on a real kernel: memory, processor at rest, and restarts'
    : `skipped, as a real kernel ${noKernel}`;

const HOST = 'host-1';
const RANGE = '10.0.0.0/16';
const RESTARTS = 5;
const REST_MS = 10_000;
const LOADS = {
  'one instance': { groups: 1, rules: 1, instances: 1 },
  '100 groups, 100 rules each, 1,000 instances': { groups: 100, rules: 100, instances: 10 },
} as const;

export async function run(report: Report): Promise<void> {
  if (noKernel !== undefined) return;
  for (const [name, load] of Object.entries(LOADS)) await measure(report, `agent: ${name}`, load);
}

async function measure(
  report: Report,
  name: string,
  { groups, rules, instances }: (typeof LOADS)[keyof typeof LOADS],
): Promise<void> {
  await using folder = await openFolder();
  using namespace = new Namespace('bench');
  await using cell = await Cell.open(undefined, { limits: UNLIMITED });
  await cell.execute(enrollHost(HOST, RANGE));
  for (let n = 0; n < groups; n++) {
    await cell.execute(createGroup(`group ${n}`));
    await cell.execute(authorizePorts(`group ${n}`, rules));
    await cell.execute(launch(`group ${n}`, HOST, instances));
  }
  await using agent = await Program.hostAgent({
    RAMPART_HOST_ID: HOST,
    RAMPART_HOST_RANGES: RANGE,
    RAMPART_NATS_URL: cell.nats.url,
    RAMPART_STATE: join(folder.path, 'state'),
    RAMPART_NETNS: namespace.path,
  });
  await atRest(report, name, agent);
  await restarts(report, name, agent, namespace);
  await sleep(REST_MS / 2); // until what the start needed is given back
  report.add(`${name}: memory after restarts`, 'MB', [residentMegabytes(agent.pid)]);
}

async function atRest(report: Report, name: string, { pid }: Program): Promise<void> {
  await sleep(REST_MS / 2);
  const before = processorMilliseconds(pid);
  await sleep(REST_MS);
  report.add(`${name}: processor at rest`, '%', [((processorMilliseconds(pid) - before) * 100) / REST_MS]);
  report.add(`${name}: memory at rest`, 'MB', [residentMegabytes(pid)]);
}

/** As after a reboot, when the kernel knows nothing; and as after a crash, when it still enforces all. */
async function restarts(report: Report, name: string, agent: Program, namespace: Namespace): Promise<void> {
  const samples = { enforced: [] as number[], rebooted: [] as number[], crashed: [] as number[] };
  for (let n = 0; n < RESTARTS; n++) {
    await agent.end();
    const began = performance.now();
    await agent.start();
    samples.crashed.push(performance.now() - began);
    await agent.end();
    namespace.run('nft', 'delete', 'table', 'inet', 'rampart');
    const booted = performance.now();
    const synced = agent.start();
    while (!namespace.run('nft', 'list', 'chains').includes('hook forward')) await sleep(1);
    samples.enforced.push(performance.now() - booted);
    await synced;
    samples.rebooted.push(performance.now() - booted);
  }
  report.add(`${name}: start after a reboot → enforced from the stored state`, 'ms', samples.enforced);
  report.add(`${name}: start after a reboot → in sync`, 'ms', samples.rebooted);
  report.add(`${name}: start after a crash → in sync`, 'ms', samples.crashed);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createGroup } from '../../support/cell.js';
import { Ground } from '../fleet/ground.js';
import type { Report } from '../report.js';

export const about =
  'all agents restart at once: real agents on FAKE DATAPLANES, many to a process; nats-server, SQLite';

const ALONE = 500;
/** Between two commands, so that they are measured and not what they do to each other. */
const PAUSE_MS = 2;

export async function run(report: Report, options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: { hosts: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '5' } },
    strict: false,
  });
  const hosts = Number(values.hosts);
  await using ground = await Ground.open(hosts);
  let n = 0;
  const command = async (): Promise<number> => {
    const began = performance.now();
    await ground.execute(createGroup(`group ${n++}`));
    const took = performance.now() - began;
    await sleep(PAUSE_MS);
    return took;
  };
  for (let k = 0; k < ALONE / 5; k++) await command(); // until the code is compiled
  const alone: number[] = [];
  for (let k = 0; k < ALONE; k++) alone.push(await command());
  const [times, meanwhile]: [number[], number[]] = [[], []];
  for (let round = 0; round < Number(values.rounds); round++) {
    const began = performance.now();
    const over = new AbortController();
    const restarted = ground.hosts.restart().finally(() => over.abort());
    while (!over.signal.aborted) meanwhile.push(await command());
    await restarted;
    times.push((performance.now() - began) / 1000);
  }
  report.add(`restart: ${hosts} agents → all in sync`, 's', times);
  const before = report.add('restart: a command, alone', 'ms', alone);
  const during = report.add('restart: a command meanwhile', 'ms', meanwhile);
  report.add('restart: p99 of a command, meanwhile against alone', '×', [during.p99 / before.p99]);
}

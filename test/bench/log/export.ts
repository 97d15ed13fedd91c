import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openSqliteEventStore } from '#libs/event-store';
import { residentMegabytes } from '../memory.js';
import type { Report } from '../report.js';
import { writeLongLog } from './long-log.js';

const LOOK_MS = 20;

/** The most memory that an export takes, of a log and of one that is ten times as long. */
export async function exports(report: Report, folder: string, events: number): Promise<void> {
  for (const length of [events / 10, events]) {
    const file = join(folder, `export-${length}.db`);
    await using store = await openSqliteEventStore(file);
    await writeLongLog(store, length);
    report.add(`log: export of ${length} events, resident memory`, 'MB', await residentDuring(file));
  }
}

async function residentDuring(file: string): Promise<readonly number[]> {
  const cli = new URL('../../../apps/cli/src/main.js', import.meta.url).pathname;
  const args = [cli, 'rampart', 'log', 'export', `${file}.jsonl`, '--log', `sqlite:${file}`];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const samples: number[] = [];
  const look = setInterval(() => samples.push(residentMegabytes(child.pid ?? 0)), LOOK_MS);
  const [status] = (await once(child, 'exit')) as [number | null];
  clearInterval(look);
  if (status !== 0) throw new Error(`the export ended with ${status}`);
  return samples.filter((megabytes) => !Number.isNaN(megabytes));
}

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Command } from '#libs/domain';
import { openSqliteEventStore } from '#libs/event-store';
import { Directory } from '#libs/projections';
import { Distributor } from '../../../apps/control-plane/src/distribution/distributor.js';
import { CommandLog } from '../../../apps/control-plane/src/log/command-log.js';
import { ReceiptBoard } from '../../../apps/control-plane/src/receipts/receipt-board.js';
import { authorizePorts, createGroup, enrollHost, launch, openAccount } from '../../support/cell.js';
import { measureExplain } from '../log/explain.js';
import { measureCommands } from '../log/commands.js';
import { exports } from '../log/export.js';
import { history } from '../log/history.js';
import type { Report } from '../report.js';
import { openFolder, UNLIMITED } from '../support.js';

export const about = 'the control plane’s log on SQLite: commands, replay at start, its past, and its export';

const IN_FLIGHT = 64;
const GROUPS = 2000;
const RULES_PER_GROUP = 110;
const INSTANCES_PER_GROUP = 5;
const request = { actor: { kind: 'system' }, requestId: 'bench' } as const;

export async function run(report: Report, options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      rounds: { type: 'string', default: '10' },
      events: { type: 'string', default: '1000000' },
      log: { type: 'string' },
    },
    strict: false,
  });
  await using folder = await openFolder();
  if (typeof values.log === 'string') return measureCommands(report, nameIn(values.log), values.log);
  await commands(report, join(folder.path, 'commands.db'), Number(values.rounds));
  await measureCommands(report, 'sqlite', `sqlite:${join(folder.path, 'commands-at-once.db')}`);
  await replay(report, join(folder.path, 'replay.db'));
  await history(report, folder.path, Number(values.events));
  await exports(report, folder.path, Number(values.events));
}

/** Of an address, its kind: the rest may hold a password. */
const nameIn = (address: string): string => address.split(':')[0] ?? address;

async function openLog(file: string) {
  const store = await openSqliteEventStore(file);
  const [directory, distributor] = [new Directory(), new Distributor(new ReceiptBoard())];
  const log = await CommandLog.open(
    store,
    [
      (commit) => commit.forEach((one) => directory.project(one)),
      (commit, arrival) => distributor.project(commit, arrival),
    ],
    { limits: UNLIMITED },
  );
  const stop = new AbortController();
  const following = log.follow(stop.signal); // as it does when it runs, though nobody else is there
  const execute = async (command: object): Promise<void> => {
    const outcome = await log.handle(command as Command, request);
    if (!outcome.accepted) throw new Error(JSON.stringify(outcome.refusal));
  };
  const close = async (): Promise<void> => {
    stop.abort();
    await following;
    await store[Symbol.asyncDispose]();
  };
  return { execute, store, directory, [Symbol.asyncDispose]: close };
}

/** Each client sends its next command when the last is answered, which is when it is on disk. */
async function commands(report: Report, file: string, rounds: number): Promise<void> {
  await using log = await openLog(file);
  await log.execute(openAccount());
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    const client = async (k: number): Promise<void> => {
      for (let n = 0; n < 100; n++) await log.execute(createGroup(`group ${round} ${k} ${n}`));
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, (_, k) => client(k)));
    rates.push((IN_FLIGHT * 100 * 1000) / (performance.now() - began));
  }
  report.add(`log: durable commands, ${IN_FLIGHT} in flight`, '1/s', rates);
}

/** A log of mostly rules, read as at the start of a control plane: state, directory and distribution. */
async function replay(report: Report, file: string): Promise<void> {
  const events = await writeHistory(file);
  const rates: number[] = [];
  for (let round = 0; round < 5; round++) {
    const began = performance.now();
    await using log = await openLog(file);
    rates.push((events * 1000) / (performance.now() - began));
    if (round === 0) measureExplain(report, 'log', log.directory);
  }
  report.add(`log: replay of ${events} events`, '1/s', rates);
}

async function writeHistory(file: string): Promise<number> {
  await using log = await openLog(file);
  await log.execute(openAccount());
  const hosts = Array.from({ length: 20 }, (_, k) => `host-${k}`);
  for (const [k, hostId] of hosts.entries()) await log.execute(enrollHost(hostId, `10.${k}.0.0/16`));
  const groups = Array.from({ length: GROUPS }, async (_, n) => {
    const name = `group ${n}`;
    await log.execute(createGroup(name));
    await log.execute(authorizePorts(name, RULES_PER_GROUP));
    await log.execute(launch(name, hosts[n % hosts.length] ?? '', INSTANCES_PER_GROUP));
  });
  await Promise.all(groups);
  return log.store.end();
}

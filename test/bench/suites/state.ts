import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openNatsBus } from '#libs/bus';
import type { Command } from '#libs/domain';
import { openSqliteEventStore } from '#libs/event-store';
import { commandSubject } from '#libs/protocol';
import { CommandLog } from '../../../apps/control-plane/src/log/command-log.js';
import {
  accountId,
  authorizePorts,
  createGroup,
  enrollHost,
  launch,
  NatsServer,
  openAccount,
} from '../../support/cell.js';
import { freePort, Program } from '../../support/programs.js';
import { hostName, Hosts, rangeOf } from '../fleet/hosts.js';
import { residentMegabytes } from '../memory.js';
import type { Report } from '../report.js';
import { openFolder, UNLIMITED } from '../support.js';

export const about =
  'a control plane, as a process, that holds 10,000 groups, 200,000 rules and 100,000 instances, against an empty one';

const WARM_UP = 200;
const RULES = 20;
const INSTANCES = 10;
const INSTANCES_PER_HOST = 100;
const WAIT_SECONDS = 10;

export async function run(report: Report, options: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...options],
    options: { groups: { type: 'string', default: '10000' }, changes: { type: 'string', default: '1000' } },
    strict: false,
  });
  const groups = Number(values.groups);
  const changes = Number(values.changes);
  const empty = await measure(report, 'empty', 0, changes);
  const full = await measure(report, `${groups} groups`, groups, changes);
  report.add(`state: p50 of a change, ${groups} groups against empty`, '×', [full / empty]);
}

async function measure(report: Report, name: string, groups: number, changes: number): Promise<number> {
  await using folder = await openFolder();
  const file = join(folder.path, 'log.db');
  const events = await writeLog(file, groups);
  await using nats = await NatsServer.start();
  const began = performance.now();
  await using program = await Program.controlPlane({
    RAMPART_LISTEN: `127.0.0.1:${await freePort()}`,
    RAMPART_NATS_URL: nats.url,
    RAMPART_LOG: `sqlite:${file}`,
    RAMPART_ACCOUNTS: accountId,
  });
  report.add(`state: ${name}: start from a log of ${events} events`, 's', [
    (performance.now() - began) / 1000,
  ]);
  report.add(`state: ${name}: memory after the start`, 'MB', [residentMegabytes(program.pid)]);
  await using hosts = await Hosts.start(1, nats.url);
  await hosts.sync();
  const samples = await change(nats.url, changes);
  report.add(`state: ${name}: memory after ${changes} changes`, 'MB', [residentMegabytes(program.pid)]);
  return report.add(`state: ${name}: authorize → enforced on its one host`, 'ms', samples).p50;
}

/** Groups of 20 rules and 10 instances, and one group on a host of its own, which is what is changed. */
async function writeLog(file: string, groups: number): Promise<number> {
  await using store = await openSqliteEventStore(file);
  const log = await CommandLog.open(store, [], { limits: UNLIMITED });
  const execute = async (command: object): Promise<void> => {
    const outcome = await log.handle(command as Command, { actor: { kind: 'system' }, requestId: 'bench' });
    if (!outcome.accepted) throw new Error(JSON.stringify(outcome.refusal));
  };
  await execute(openAccount());
  const hosts = 2 + Math.ceil((groups * INSTANCES) / INSTANCES_PER_HOST);
  for (let number = 1; number <= hosts; number++)
    await execute(enrollHost(hostName(number), rangeOf(number)));
  await execute(createGroup('web'));
  await execute(launch('web', hostName(1)));
  const fill = async (n: number): Promise<void> => {
    const name = `group ${n}`;
    await execute(createGroup(name));
    await execute(authorizePorts(name, RULES));
    await execute(launch(name, hostName(2 + (n % (hosts - 1))), INSTANCES));
  };
  for (let n = 0; n < groups; n += INSTANCES_PER_HOST)
    await Promise.all(
      Array.from({ length: Math.min(INSTANCES_PER_HOST, groups - n) }, (_, k) => fill(n + k)),
    );
  return store.end();
}

async function change(natsUrl: string, changes: number): Promise<number[]> {
  const bus = await openNatsBus({ servers: natsUrl }, 'bench', () => undefined);
  const samples: number[] = [];
  for (let n = 0; n < WARM_UP + changes; n++) {
    const rules = [{ protocol: 'tcp', from: 1 + (n >> 1), to: 1 + (n >> 1), cidr: '0.0.0.0/0' }];
    const type = n % 2 === 0 ? 'AuthorizeRules' : 'RevokeRules';
    const wish = { type, group: 'web', rules, wait: WAIT_SECONDS };
    const began = performance.now();
    const answer = await bus.ask(
      commandSubject(accountId),
      JSON.stringify(wish),
      WAIT_SECONDS * 1000,
      ({ text }) => text,
    );
    if (n >= WARM_UP) samples.push(performance.now() - began);
    if (!answer.includes('"enforced":1')) throw new Error(answer);
  }
  await bus.close();
  return samples;
}

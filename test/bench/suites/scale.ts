import { parseArgs } from 'node:util';
import { authorize, fromAnywhere, instancesIn, launch, revoke, terminate } from '../../support/cell.js';
import { Ground } from '../fleet/ground.js';
import { hostName } from '../fleet/hosts.js';
import type { Report } from '../report.js';

export const about =
  'one change that many hosts must enforce: real agents on FAKE DATAPLANES, many to a process; nats-server, SQLite';

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
    const { enforced, told, busy, agents, nats } = await ground.measure(changes, (n) =>
      (n % 2 === 0 ? authorize : revoke)('web', 1 + (n >> 1), fromAnywhere),
    );
    const { p50 } = report.add(`${name}: authorize → enforced on the last`, 'ms', enforced);
    report.add(`${name}: authorize: durable → published`, 'ms', told);
    for (const [who, times] of Object.entries({
      'the control plane': busy,
      'an agent': agents,
      'nats-server': nats,
    }))
      report.add(
        `${name}: authorize: CPU time of ${who}, for each host`,
        'µs',
        times.map((ms) => (ms * 1000) / hosts),
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

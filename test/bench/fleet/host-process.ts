import { join } from 'node:path';
import { openNatsBus, type Bus } from '#libs/bus';
import { FakeDataplane } from '#libs/nftables';
import { EnforcedPolicy } from '../../../apps/host-agent/src/enforcement/enforced-policy.js';
import { HostAgent } from '../../../apps/host-agent/src/host-agent.js';
import { StateFile } from '../../../apps/host-agent/src/state/state-file.js';
import { hostName, rangeOf, type Order } from './hosts.js';

// Many agents in one process: each is all of an agent but the kernel, with a connection of its own.

/** Connections that are made at a time; more would only wait for each other. */
const AT_A_TIME = 100;

const [natsUrl = '', folder = '', first = '', count = ''] = process.argv.slice(2);
const numbers = Array.from({ length: Number(count) }, (_, index) => Number(first) + index);
let running: { readonly agent: HostAgent; readonly bus: Bus }[] = [];

/** Everyone is connected before anyone asks. */
async function start(): Promise<void> {
  const buses = new Map<number, Bus>();
  const left = numbers.values();
  const connect = async (): Promise<void> => {
    for (const number of left)
      buses.set(number, await openNatsBus({ servers: natsUrl }, hostName(number), () => undefined));
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, connect));
  running = numbers.map((number) => {
    const state = new StateFile(join(folder, String(number)));
    const host = EnforcedPolicy.restore(new FakeDataplane(), state, () => undefined);
    const bus = buses.get(number) as Bus;
    // So many at once on one machine wait for each other, and say so.
    const options = { hostId: hostName(number), ranges: [rangeOf(number)], bus, warn: () => undefined };
    return { agent: new HostAgent(host, options), bus };
  });
}

async function obey(order: Order): Promise<void> {
  switch (order) {
    case 'start':
      return start();
    case 'sync':
      await Promise.all(running.map(({ agent }) => agent.start()));
      return;
    case 'stop':
      for (const { agent } of running) agent.stop();
      await Promise.all(running.map(({ bus }) => bus.close()));
  }
}

process.on('message', (order: Order) => {
  void obey(order).then(() => process.send?.(order));
});
process.on('disconnect', () => process.exit());

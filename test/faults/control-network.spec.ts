import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { compile, difference } from '#libs/compiler';
import { EC2_LIMITS, type HostId } from '#libs/domain';
import { openMemoryEventStore } from '#libs/event-store';
import { NetlinkDataplane } from '#libs/nftables';
import { noKernel } from '../lab/support/namespace.js';
import { authorize, Cell, createGroup, fromAnywhere, launch, revoke } from '../support/cell.js';
import { defaultSettings, hostPolicyOf, recompute } from '../support/oracle.js';
import { Program } from '../support/programs.js';
import { ControlNetwork } from './support/control-network.js';

const SETTLING = { timeout: 40_000, interval: 100 };
const LIMITS = { ...EC2_LIMITS, rulesPerGroup: 100_000 };

describe.skipIf(noKernel)(`a bad way to a host${noKernel ? ` (${noKernel})` : ''}`, () => {
  /** A control plane, and a host behind the wire with one instance, which lets port 1 in. */
  async function begin() {
    const resources = new AsyncDisposableStack();
    const network = resources.use(await ControlNetwork.lay());
    const store = openMemoryEventStore();
    const cell = resources.use(await Cell.open(store, { nats: network, limits: LIMITS }));
    const variables = {
      RAMPART_HOST_ID: 'host-1',
      RAMPART_HOST_RANGES: '10.0.1.0/24',
      RAMPART_NATS_URL: network.url,
      RAMPART_STATE: join(network.folder, 'state'),
    };
    const agent = resources.use(await Program.hostAgent(variables, network.host.name));
    const plane = resources.use(new NetlinkDataplane({ netns: network.host.path }));
    await cell.enforce(createGroup('web'));
    await cell.enforce(launch('web', 'host-1'));
    await cell.enforce(authorize('web', 1, fromAnywhere));
    const agree = async (): Promise<void> => {
      const fresh = compile(
        hostPolicyOf(await recompute(store), 'host-1' as HostId),
        defaultSettings(network.url),
      );
      await vi.waitFor(() => expect(difference(plane.read(), fresh)).toEqual([]), SETTLING);
    };
    return { resources, network, cell, agent, agree };
  }

  /** Changes that nobody waits for, with a revocation as the last. */
  async function change(cell: Cell, count: number): Promise<void> {
    const all = Array.from({ length: count - 1 }, (_, n) =>
      cell.execute(authorize('web', 2 + n, fromAnywhere)),
    );
    await Promise.all(all);
    await cell.execute(revoke('web', 1, fromAnywhere));
  }

  it('that loses two packets in ten only takes longer', async () => {
    const { resources, network, cell, agree } = await begin();
    await using _all = resources;
    network.lose(2);
    await change(cell, 300);
    await agree();
    expect(network.lost).toBeGreaterThan(0);
  });

  it('that is cut while ten thousand changes are made is caught up with once it is there again', async () => {
    const { resources, network, cell, agree } = await begin();
    await using _all = resources;
    network.cut(true);
    await change(cell, 10_000);
    await sleep(3000);
    network.cut(false);
    await agree();
  });

  it('to an agent that stands still is closed by nats-server, and found again', async () => {
    const { resources, network, cell, agent, agree } = await begin();
    await using _all = resources;
    agent.signal('SIGSTOP');
    await change(cell, 5000);
    await vi.waitFor(() => expect(network.said).toContain('Slow Consumer'), SETTLING);
    agent.signal('SIGCONT');
    await agree();
  });
});

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EC2_LIMITS, type Instance, type IpAddress } from '#libs/domain';
import { Fleet } from '../lab/support/fleet.js';
import { noKernel } from '../lab/support/namespace.js';
import { reaches } from '../lab/support/packets.js';
import { SteadyTraffic } from '../lab/support/steady-traffic.js';
import { accountId, authorizePorts, Cell, createGroup, instancesIn, launch, newId } from '../support/cell.js';
import { Program } from '../support/programs.js';

const [GROUPS, RULES, INSTANCES] = [100, 100, 1000];
const LIMITS = { ...EC2_LIMITS, rulesPerGroup: RULES + 10 };
const [OPEN, SHUT] = [5000, 5001];
const SOON = { timeout: 5_000, interval: 50 };

/** An agent with a lot to enforce, which dies and comes back while packets pass. */
describe.skipIf(noKernel)(`restarts under traffic${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  const resources = new AsyncDisposableStack();
  let fleet: Fleet;
  let cell: Cell;
  let agent: Program;
  let instance: Instance;

  beforeAll(async () => {
    fleet = resources.use(await Fleet.lay(1));
    cell = resources.use(await Cell.open(undefined, { limits: LIMITS }));
    const [host] = fleet.hosts;
    if (!host) throw new Error('the fleet has no host');
    const place = { hostId: host.id, address: '10.0.1.4' };
    agent = resources.use(
      await Program.hostAgent({
        RAMPART_HOST_ID: host.id,
        RAMPART_HOST_RANGES: '10.0.0.0/16',
        RAMPART_NATS_URL: cell.nats.url,
        RAMPART_STATE: join(mkdtempSync(join(tmpdir(), 'rampart-restarts-')), 'state'),
        RAMPART_NETNS: fleet.groundOf(host).path,
      }),
    );
    for (let n = 0; n < GROUPS; n++) {
      await cell.execute(createGroup(`group ${n}`));
      await cell.execute(authorizePorts(`group ${n}`, RULES));
    }
    const permission = {
      traffic: { kind: 'ports', protocol: 17, from: OPEN, to: OPEN },
      peer: { kind: 'cidr', cidr: '0.0.0.0/0' },
    };
    const rules = [{ ruleId: newId('sgr'), ...permission }];
    const group = { groupName: 'group 0' };
    await cell.execute({ type: 'AuthorizeRules', accountId, group, direction: 'ingress', rules });
    [instance] = instancesIn(await cell.execute({ ...launch('group 0', host.id), ...place })) as [Instance];
    for (let n = 1; n < GROUPS; n++) await cell.execute(launch(`group ${n}`, host.id, INSTANCES / GROUPS));
    await cell.enforce(launch('group 0', host.id, INSTANCES / GROUPS - 1));
    await fleet.attach([instance]);
    const probe = { protocol: 'tcp', port: 1 } as const; // nobody listens, which is an answer
    await vi.waitUntil(() => reaches(String(fleet.internet.namespace), own(), probe), { timeout: 20_000 });
  });
  afterAll(() => resources.disposeAsync());

  const own = (): IpAddress => instance.addresses[0] as IpAddress;

  it.each<NodeJS.Signals>(['SIGKILL', 'SIGTERM'])(
    'no packet is treated wrongly while it ends by %s and is started again',
    async (signal) => {
      const to = { namespace: fleet.namespaceOf(instance), address: own() };
      const from = String(fleet.internet.namespace);
      using permitted = new SteadyTraffic(from, to, OPEN);
      using forbidden = new SteadyTraffic(from, to, SHUT);
      for (let round = 0; round < 3; round++) {
        await agent.end(signal);
        await agent.start();
      }
      for (const traffic of [permitted, forbidden]) traffic.stop();
      await vi.waitFor(() => expect(permitted.arrived).toBe(permitted.sent), SOON);
      expect(permitted.sent).toBeGreaterThan(100);
      expect(forbidden.sent).toBeGreaterThan(100);
      expect(forbidden.arrived).toBe(0);
    },
  );
});

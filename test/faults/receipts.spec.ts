import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Instance, IpAddress } from '#libs/domain';
import { noKernel } from '../lab/support/namespace.js';
import { Conversation, Echo, reaches } from '../lab/support/packets.js';
import type { Program } from '../support/programs.js';
import { Plant, type Answer } from './support/plant.js';

const ROUNDS = 8;
const ENFORCED = { enforced: 2, concerned: 2, waitingFor: [] };
/** At the limit, with what is known by then. */
const PARTIAL = { enforced: 1, concerned: 2, waitingFor: ['host-2'] };

/** What receipts say, against what packets do: an instance on each of two hosts, and an agent that is away. */
describe.skipIf(noKernel)(`a receipt${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  let plant: Plant;
  let webs: readonly Instance[];
  const echoes: Echo[] = [];

  const ask = async (body: object, wait: number): Promise<Answer> => {
    const answer = await plant.ask({ ...body, wait });
    if (!answer?.accepted) throw new Error(`not accepted: ${JSON.stringify(answer)}`);
    return answer;
  };
  const change = (type: 'AuthorizeRules' | 'RevokeRules', port: number, wait = 10): Promise<Answer> => {
    const rules = [{ protocol: 'tcp', from: port, to: port, cidr: '0.0.0.0/0' }];
    return ask({ type, group: 'web', rules }, wait);
  };
  const launchOn = async (host: string): Promise<Instance> => {
    const { events } = await ask({ type: 'LaunchInstances', groups: ['web'], host }, 10);
    const [launched] = events;
    if (launched?.type !== 'InstanceLaunched') throw new Error('nothing was launched');
    const { instance } = launched;
    await plant.fleet.attach([instance]);
    echoes.push(new Echo(plant.fleet.namespaceOf(instance), [80, 81]));
    return instance;
  };
  const internet = () => String(plant.fleet.internet.namespace);
  const addressOf = ({ addresses }: Instance) => addresses[0] as IpAddress;
  const arrivesAt = (instance: Instance, port: number): Promise<boolean> =>
    reaches(internet(), addressOf(instance), { protocol: 'tcp', port });
  /** On the first host and on the second. */
  const passes = (port: number) => Promise.all(webs.map((web) => arrivesAt(web, port)));
  const receiptOf = ({ position }: Answer, wait = 0) =>
    plant.operate('GET', `/v1/changes/${position}?wait=${wait}`);
  const far = (): Program => {
    const found = plant.agents.get('host-2');
    if (!found) throw new Error('there is no agent on host-2');
    return found;
  };

  beforeAll(async () => {
    plant = await Plant.start();
    await ask({ type: 'CreateGroup', name: 'web', description: 'web' }, 10);
    webs = [await launchOn('host-1'), await launchOn('host-2')];
    await change('AuthorizeRules', 80);
    await vi.waitUntil(async () => (await passes(80)).every(Boolean), { timeout: 20_000 });
  });
  afterAll(async () => {
    for (const echo of echoes) echo[Symbol.dispose]();
    await plant[Symbol.asyncDispose]();
  });

  it('says enforced when packets already go by it, and never before', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      expect((await change('AuthorizeRules', 81)).receipt).toMatchObject(ENFORCED);
      expect(await passes(81), `opened, round ${round}`).toEqual([true, true]);
      using open = await Conversation.open(internet(), addressOf(webs[round % 2] as Instance), 81);
      expect((await change('RevokeRules', 81)).receipt).toMatchObject(ENFORCED);
      const after = await Promise.all([open.hears(`after ${round}`), passes(81)]);
      expect(after, `closed, round ${round}`).toEqual([false, [false, false]]);
    }
  });

  it.each<[string, () => unknown, () => unknown]>([
    ['stands still', () => far().signal('SIGSTOP'), () => far().signal('SIGCONT')],
    ['is killed', () => far().end(), () => far().start()],
  ])('does not count a host whose agent %s, until it is back', async (_how, leave, comeBack) => {
    await change('AuthorizeRules', 81);
    using open = await Conversation.open(internet(), addressOf(webs[1] as Instance), 81);
    await leave();
    const revoked = await change('RevokeRules', 81, 2);
    expect(revoked.receipt).toMatchObject(PARTIAL);
    expect(await passes(81)).toEqual([false, true]);
    expect(await open.hears('still here')).toBe(true);
    const lagging = { hostId: 'host-2', state: 'lagging' };
    expect(await receiptOf(revoked)).toMatchObject({
      enforced: 1,
      hosts: expect.arrayContaining([lagging]) as unknown,
    });
    expect(await plant.operate('GET', '/v1/hosts')).toMatchObject({
      hosts: [
        { hostId: 'host-1', state: 'enforced' },
        { hostId: 'host-2', state: 'lagging' },
      ],
    });
    await comeBack();
    expect(await receiptOf(revoked, 10)).toMatchObject({ enforced: 2 });
    expect(await open.hears('no more')).toBe(false);
    expect(await passes(81)).toEqual([false, false]);
  });

  it('waits for no host that was retired; one that comes back holds what the log says', async () => {
    await change('AuthorizeRules', 81);
    const [, second] = webs as [Instance, Instance];
    await far().end();
    expect(await plant.operate('DELETE', '/v1/hosts/host-2')).toMatchObject({ code: 'HostInUse' });
    const revoked = await change('RevokeRules', 81, 1);
    const waited = receiptOf(revoked, 30);
    await ask({ type: 'TerminateInstances', instanceIds: [second.instanceId] }, 0);
    await plant.operate('DELETE', '/v1/hosts/host-2');
    expect(await waited).toMatchObject({ concerned: 2, enforced: 1, retired: 1 });
    expect((await change('RevokeRules', 80)).receipt).toMatchObject({ concerned: 1, enforced: 1 });
    // Nobody could tell its kernel.
    expect([await arrivesAt(second, 80), await arrivesAt(second, 81)]).toEqual([true, true]);

    await far().start();
    expect([await arrivesAt(second, 80), await arrivesAt(second, 81)]).toEqual([false, false]);
    expect(await plant.operate('GET', '/v1/hosts')).toMatchObject({
      hosts: [{ hostId: 'host-1' }, { hostId: 'host-2', state: 'enforced', instances: 0 }],
    });
    await plant.fleet.keepOnly(new Map(webs.slice(0, 1).map((web) => [web.instanceId, web])));
    webs = [webs[0] as Instance, await launchOn('host-2')];
    expect((await change('AuthorizeRules', 80)).receipt).toMatchObject(ENFORCED);
    await vi.waitUntil(async () => (await passes(80)).every(Boolean), { timeout: 5_000 });
    expect(await passes(81)).toEqual([false, false]);
  });
});

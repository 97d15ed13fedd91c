import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Event, Instance, IpAddress } from '#libs/domain';
import { decodeRecordedEvent } from '#libs/protocol';
import { noKernel, type Namespace } from '../lab/support/namespace.js';
import { Conversation, Echo, reaches } from '../lab/support/packets.js';
import type { Program } from '../support/programs.js';
import { Plant } from './support/plant.js';

const SOON = { timeout: 5_000, interval: 20 };

/** An agent as a process, its kernel, and whoever else is at work there. */
describe.skipIf(noKernel)(`the agent and its kernel${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  let plant: Plant;
  let web: Instance;
  let echo: Echo;

  const must = async (body: object) => {
    const answer = await plant.ask({ ...body, wait: 10 });
    expect(answer).toMatchObject({ accepted: true });
    return answer?.events ?? [];
  };
  const internet = () => String(plant.fleet.internet.namespace);
  const webAt = () => web.addresses[0] as IpAddress;
  const toWeb = (port: number): Promise<boolean> => reaches(internet(), webAt(), { protocol: 'tcp', port });
  const agent = (): Program => {
    const found = plant.agents.get('host-1');
    if (!found) throw new Error('there is no agent on host-1');
    return found;
  };
  const ground = (): Namespace => {
    const [host] = plant.fleet.hosts;
    if (!host) throw new Error('the fleet has no host');
    return plant.fleet.groundOf(host);
  };
  const nft = (...words: readonly string[]): string => ground().run('nft', ...words);
  const isRight = async (): Promise<void> => {
    expect([await toWeb(80), await toWeb(81)]).toEqual([true, false]);
  };
  const repairs = async (): Promise<readonly Event[]> => {
    await using log = await plant.openLog();
    const events: Event[] = [];
    for await (const page of log.read(0))
      events.push(...page.map(({ text }) => decodeRecordedEvent(text).event));
    return events.filter(({ type }) => type === 'HostTableRepaired');
  };

  beforeAll(async () => {
    plant = await Plant.start();
    await plant.ask({ type: 'CreateGroup', name: 'web', description: 'web', wait: 10 });
    const rules = [{ protocol: 'tcp', from: 80, to: 80, cidr: '0.0.0.0/0' }];
    await plant.ask({ type: 'AuthorizeRules', group: 'web', rules, wait: 10 });
    const answer = await plant.ask({ type: 'LaunchInstances', groups: ['web'], host: 'host-1', wait: 10 });
    const [launched] = answer?.events ?? [];
    if (launched?.type !== 'InstanceLaunched') throw new Error('nothing was launched');
    web = launched.instance;
    await plant.fleet.attach([web]);
    echo = new Echo(plant.fleet.namespaceOf(web), [80, 81]);
    await vi.waitUntil(() => toWeb(80), { timeout: 20_000 });
  });
  afterAll(async () => {
    echo[Symbol.dispose]();
    await plant[Symbol.asyncDispose]();
  });

  it.each<[string, NodeJS.Signals]>([
    ['stopped', 'SIGTERM'],
    ['killed', 'SIGKILL'],
  ])('traffic goes on as it was while the agent is %s, and when it is back', async (_how, signal) => {
    using connection = await Conversation.open(internet(), webAt(), 80);
    await agent().end(signal);
    expect(await connection.hears('without an agent')).toBe(true);
    await isRight();
    await agent().start();
    expect(await connection.hears('with an agent')).toBe(true);
    await isRight();
  });

  it.each<[string, readonly string[]]>([
    ['flushes the ruleset', ['flush', 'ruleset']],
    ['deletes the table', ['delete', 'table', 'inet', 'rampart']],
    ['flushes a chain', ['flush', 'chain', 'inet', 'rampart', 'judge']],
    ['flushes a set', ['flush', 'set', 'inet', 'rampart', 'interfaces']],
    ['adds a rule', ['insert', 'rule', 'inet', 'rampart', 'judge', 'accept']],
  ])('who %s is undone, told in the log, and nobody else’s table is touched', async (_what, command) => {
    const before = (await repairs()).length;
    nft(...command);
    nft('add', 'table', 'ip', 'foreign');
    nft('add', 'chain', 'ip', 'foreign', 'theirs');
    const foreign = nft('list', 'table', 'ip', 'foreign');
    await vi.waitFor(isRight, SOON);
    await vi.waitFor(async () => expect((await repairs()).length).toBeGreaterThan(before), SOON);
    expect(nft('list', 'table', 'ip', 'foreign')).toBe(foreign);
    nft('delete', 'table', 'ip', 'foreign');
  });

  it('at boot, the last state is in the kernel without anybody being asked', async () => {
    await agent().end();
    await plant.nats.kill();
    nft('flush', 'ruleset');
    expect(await toWeb(81)).toBe(true);
    expect(await agent().once('restore')).toMatchObject({ status: 0 });
    await isRight();
    plant.nats.start();
    await agent().start();
    await isRight();
  });

  it('uninstalled, it leaves no table of its own and every other', async () => {
    await agent().end('SIGTERM');
    nft('add', 'table', 'ip', 'foreign');
    expect(await agent().once('uninstall')).toMatchObject({ status: 0 });
    expect(nft('list', 'tables')).toBe('table ip foreign\n');
    expect(await agent().once('uninstall')).toMatchObject({ status: 0 });
    nft('delete', 'table', 'ip', 'foreign');
    await agent().start();
    await isRight();
  });

  it('says how it is called when it is called wrongly', async () => {
    const { status, said } = await agent().once('remove');
    expect(status).toBe(2);
    expect(said).toContain('usage: rampart-host-agent');
  });

  it('a change that comes after all of that is enforced', async () => {
    await must({
      type: 'RevokeRules',
      group: 'web',
      rules: [{ protocol: 'tcp', from: 80, to: 80, cidr: '0.0.0.0/0' }],
    });
    expect(await toWeb(80)).toBe(false);
  });
});

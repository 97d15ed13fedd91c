import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { compile, difference } from '#libs/compiler';
import {
  permits,
  policyOf,
  TCP,
  type CellState,
  type Command,
  type HostId,
  type Instance,
  type IpAddress,
} from '#libs/domain';
import { decodeRecordedEvent } from '#libs/protocol';
import { noKernel } from '../lab/support/namespace.js';
import { Conversation, Echo, reaches } from '../lab/support/packets.js';
import { CommandLog } from '../../apps/control-plane/src/log/command-log.js';
import { fromAnywhere, revoke } from '../support/cell.js';
import { hostPolicyOf, recompute } from '../support/oracle.js';
import { Plant } from './support/plant.js';
import { Storm, STORM_GROUPS, STORM_PORTS } from './support/storm.js';

const SETTLING = { timeout: 8_000, interval: 50 };
const anywhere = { cidr: '0.0.0.0/0' };
const tcp = (port: number, peer: object): object => ({ protocol: 'tcp', from: port, to: port, ...peer });

describe.skipIf(noKernel)(`killed in the middle of changes${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  let plant: Plant;
  let storm: Storm;
  let web: Instance;
  let echo: Echo;
  const stormy: Instance[] = [];

  const must = async (body: object) => {
    const answer = await plant.ask({ ...body, wait: 10 });
    expect(answer).toMatchObject({ accepted: true });
    expect(answer?.receipt?.enforced).toBe(answer?.receipt?.concerned);
    return answer?.events ?? [];
  };
  const launch = async (group: string, host: string): Promise<Instance> => {
    const [launched] = await must({ type: 'LaunchInstances', groups: [group], host });
    if (launched?.type !== 'InstanceLaunched') throw new Error('nothing was launched');
    return launched.instance;
  };

  beforeAll(async () => {
    plant = await Plant.start();
    for (const name of ['web', ...STORM_GROUPS.map(([group]) => group)])
      await must({ type: 'CreateGroup', name, description: name });
    await must({ type: 'AuthorizeRules', group: 'web', rules: [tcp(80, anywhere)] });
    web = await launch('web', 'host-1');
    for (const [group, host] of STORM_GROUPS) stormy.push(await launch(group, host));
    await plant.fleet.attach([web, ...stormy]);
    echo = new Echo(plant.fleet.namespaceOf(web), [80, 81]);
    storm = new Storm(plant);
  });
  afterAll(async () => {
    await storm.end();
    echo[Symbol.dispose]();
    await plant[Symbol.asyncDispose]();
  });

  const internet = () => String(plant.fleet.internet.namespace);
  const webAt = () => web.addresses[0] as IpAddress;
  const toWeb = (port: number): Promise<boolean> => reaches(internet(), webAt(), { protocol: 'tcp', port });

  /** Of all senders to all receivers of the storm, on its ports: what is permitted, and what arrives. */
  async function expectPackets(state: CellState): Promise<void> {
    const senders = [
      { namespace: internet(), address: plant.fleet.internet.address },
      ...stormy.map((one) => ({
        namespace: plant.fleet.namespaceOf(one),
        address: one.addresses[0] as IpAddress,
      })),
    ];
    const trials = senders.flatMap(({ namespace, address: source }) =>
      stormy
        .map(({ addresses }) => addresses[0] as IpAddress)
        .filter((destination) => destination !== source)
        .flatMap((destination) => STORM_PORTS.map((port) => ({ namespace, source, destination, port }))),
    );
    const arrived = await Promise.all(
      trials.map(({ namespace, destination, port }) =>
        reaches(namespace, destination, { protocol: 'tcp', port }),
      ),
    );
    const permitted = trials.map(({ source, destination, port }) =>
      permits(policyOf(state), { source, destination, flow: { protocol: TCP, port } }),
    );
    expect(arrived).toEqual(permitted);
    expect(new Set(permitted).size).toBe(2);
  }

  /** When the changes end, everyone agrees with the log, and the log with what was acknowledged. */
  async function expectAgreement(): Promise<void> {
    await storm.end();
    await using log = await plant.openLog();
    const events = [];
    for await (const page of log.read(0))
      events.push(...page.map(({ text }) => decodeRecordedEvent(text).event));
    for (const { position, events: told } of storm.acknowledged)
      expect(events.slice(position - told.length, position)).toEqual(told);
    const recomputed = await recompute(log);
    for (const [hostId, plane] of plant.planes) {
      const fresh = compile(hostPolicyOf(recomputed, hostId as HostId), plant.settings);
      await vi.waitFor(() => expect(difference(plane.read(), fresh)).toEqual([]), SETTLING);
    }
    await expectPackets(recomputed.state);
    const rules = [tcp(1_000 + storm.acknowledged.length, anywhere)];
    for (const [group] of STORM_GROUPS) await must({ type: 'AuthorizeRules', group, rules });
    for (const [group] of STORM_GROUPS) await must({ type: 'RevokeRules', group, rules });
    storm = new Storm(plant);
  }

  it('an agent leaves the kernel as it was, and catches up', async () => {
    const agent = plant.agents.get('host-1');
    using talk = await Conversation.open(internet(), webAt(), 80);
    for (let kill = 1; kill <= 3; kill++) {
      await storm.more(50 + Math.floor(Math.random() * 100));
      await agent?.end();
      expect(await talk.hears(`kill ${kill}`)).toBe(true);
      expect(await Promise.all([toWeb(80), toWeb(81)])).toEqual([true, false]);
      await agent?.start();
    }
    await storm.more(50);
    await expectAgreement();
  });

  it('nats-server loses what it was about to pass on, and nobody stays behind', async () => {
    for (let kill = 1; kill <= 2; kill++) {
      await storm.more(100 + Math.floor(Math.random() * 100));
      await plant.nats.kill();
      expect(await Promise.all([toWeb(80), toWeb(81)])).toEqual([true, false]);
      plant.nats.start();
    }
    await storm.more(50);
    await expectAgreement();
  });

  it('a control plane goes on with what it had acknowledged, and tells of what it had not', async () => {
    for (let kill = 1; kill <= 4; kill++) {
      await storm.more(100 + Math.floor(Math.random() * 100));
      await plant.controlPlane.end();
      await plant.controlPlane.start();
    }
    await expectAgreement();
  });

  it('all at once, and whichever comes back first waits for the others', async () => {
    for (let kill = 1; kill <= 2; kill++) {
      await storm.more(100);
      const programs = [plant.controlPlane, ...plant.agents.values()];
      await Promise.all([plant.nats.kill(), ...programs.map((program) => program.end())]);
      expect(await Promise.all([toWeb(80), toWeb(81)])).toEqual([true, false]);
      const back = programs.map((program) => program.start());
      plant.nats.start();
      await Promise.all(back);
    }
    await expectAgreement();
  });

  it('a control plane that died before it told of a change tells of it when it is back', async () => {
    await storm.end();
    await plant.controlPlane.end();
    await using log = await plant.openLog();
    const commands = await CommandLog.open(log, []);
    const closing = revoke('web', 80, fromAnywhere) as Command;
    expect(await commands.handle(closing, { actor: { kind: 'system' }, requestId: 'untold' })).toMatchObject({
      accepted: true,
    });
    expect(await toWeb(80)).toBe(true);
    await plant.controlPlane.start();
    await vi.waitFor(async () => expect(await toWeb(80)).toBe(false), SETTLING);
  });
});

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MemoryBroker, NatsBus } from '#libs/bus';
import { FakeDataplane } from '#libs/nftables';
import {
  hostSubject,
  rulesSubject,
  syncSubject,
  type RulesDelta,
  type SyncReply,
  type SyncRequest,
} from '#libs/protocol';
import { EnforcedPolicy } from '../../apps/host-agent/src/enforcement/enforced-policy.js';
import { HostAgent } from '../../apps/host-agent/src/host-agent.js';
import { StateFile } from '../../apps/host-agent/src/state/state-file.js';
import { NatsServer } from '../support/cell.js';

const hostId = 'host-1' as never;
const web = { groupId: 'sg-00000001' as never, number: 1 };
const rule = {
  ruleId: 'sgr-00000001' as never,
  direction: 'ingress',
  traffic: { kind: 'ports', protocol: 6, from: 80, to: 80 },
  peer: { kind: 'cidr', cidr: '192.0.2.0/24' as never },
} as const;
const instance = {
  instanceId: 'i-00000001' as never,
  interfaceName: 'ri-00000001',
  addresses: ['10.0.1.4' as never],
  groups: [web],
};
const revocation: RulesDelta = {
  type: 'rules',
  ...web,
  position: 6,
  previous: 5,
  added: [],
  removed: [rule.ruleId],
};

const nothing = (position: number): SyncReply => ({
  version: 1,
  position,
  rules: [],
  members: [],
  more: false,
});

const holdsRule = (dataplane: FakeDataplane): boolean =>
  [...dataplane.ruleset.sets.values()].some(({ elements }) =>
    [...elements.keys()].some((key) => key.includes('192.0.2.0')),
  );

/** A control plane whose rule is revoked right after the agent was first told of it. */
function answer({ has }: SyncRequest): SyncReply {
  const at = has.rules[web.groupId];
  if (at === 6) return nothing(6);
  if (at === 5) return { ...nothing(6), rules: [{ ...web, position: 6, rules: [] }] };
  const host = { position: 4, instances: [instance] };
  return { ...nothing(5), host, rules: [{ ...web, position: 5, rules: [rule] }] };
}

it('an agent misses nothing that happens before it follows what it was told of', async () => {
  await using nats = await NatsServer.start();
  const controlPlane = await nats.connect();
  let isFirst = true;
  controlPlane.subscribe(syncSubject(hostId), {
    callback: (_error, message) => {
      message.respond(JSON.stringify(answer(message.json<SyncRequest>())));
      if (isFirst) controlPlane.publish(rulesSubject(web.groupId), JSON.stringify(revocation));
      isFirst = false;
    },
  });
  await controlPlane.flush();
  const dataplane = new FakeDataplane();
  const state = new StateFile(join(mkdtempSync(join(tmpdir(), 'rampart-agent-')), 'state'));
  const connection = await nats.connect();
  const bus = new NatsBus(connection);
  const warn = (): void => undefined;
  const host = EnforcedPolicy.restore(dataplane, state, warn);
  const agent = new HostAgent(host, { hostId, ranges: [], bus, warn });
  await agent.start();
  agent.stop();
  const elements = [...dataplane.ruleset.sets.values()].flatMap((set) => [...set.elements.keys()]);
  expect(elements.some((key) => key.includes('ri-00000001'))).toBe(true);
  expect(elements.filter((key) => key.includes('192.0.2.0'))).toEqual([]);
  await Promise.all([connection.close(), controlPlane.close()]);
});

it('an answer that a revocation has overtaken does not bring the rule back', async () => {
  const broker = new MemoryBroker();
  const controlPlane = broker.connect('control plane');
  const dataplane = new FakeDataplane();
  const tell = (change: object): void =>
    controlPlane.publish(rulesSubject(web.groupId), JSON.stringify({ ...revocation, ...change }));
  const held: boolean[] = [];
  controlPlane.subscribe(syncSubject(hostId), ({ respond }) => {
    held.push(holdsRule(dataplane));
    const host = { position: 4, instances: [instance] };
    if (held.length === 1)
      respond(JSON.stringify({ ...nothing(5), host, rules: [{ ...web, position: 5, rules: [] }] }));
    else if (held.length === 3) {
      tell({ position: 6, previous: 5, added: [rule], removed: [] });
      tell({ position: 7, previous: 6 });
      const overtaken = { ...nothing(6), rules: [{ ...web, position: 6, rules: [rule] }] };
      setTimeout(() => respond(JSON.stringify(overtaken)), 5);
    } else respond(JSON.stringify(nothing(7)));
  });
  const state = new StateFile(join(mkdtempSync(join(tmpdir(), 'rampart-agent-')), 'state'));
  const warn = (): void => undefined;
  const host = EnforcedPolicy.restore(dataplane, state, warn);
  const agent = new HostAgent(host, { hostId, ranges: [], bus: broker.connect('host-1'), warn });
  await agent.start();
  await agent.sync();
  agent.stop();
  expect(held).toEqual([false, false, false, false]);
  expect(holdsRule(dataplane)).toBe(false);
});

it('a host that is reminded asks, though it has all that it was told of', async () => {
  const broker = new MemoryBroker();
  const controlPlane = broker.connect('control plane');
  const asked = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let questions = 0;
  controlPlane.subscribe(syncSubject(hostId), ({ respond }) => {
    respond(JSON.stringify(nothing(7)));
    asked[questions++]?.resolve();
  });
  const state = new StateFile(join(mkdtempSync(join(tmpdir(), 'rampart-agent-')), 'state'));
  const warn = (): void => undefined;
  const host = EnforcedPolicy.restore(new FakeDataplane(), state, warn);
  const agent = new HostAgent(host, { hostId, ranges: [], bus: broker.connect('host-1'), warn });
  await agent.start();
  const head = { type: 'host', hostId, position: 0, previous: 0, launched: [], terminated: [] };
  controlPlane.publish(hostSubject(hostId), JSON.stringify(head));
  await controlPlane.flush();
  expect(questions).toBe(1);
  controlPlane.publish(hostSubject(hostId), JSON.stringify({ ...head, isReminder: true }));
  await asked[1]?.promise;
  agent.stop();
});

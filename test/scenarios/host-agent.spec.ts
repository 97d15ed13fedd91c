import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { NatsBus } from '#libs/bus';
import { FakeDataplane } from '#libs/nftables';
import { rulesSubject, syncSubject, type RulesDelta, type SyncReply, type SyncRequest } from '#libs/protocol';
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

/** A control plane whose rule is revoked right after the agent was first told of it. */
function answer({ has }: SyncRequest): SyncReply {
  const nothing: SyncReply = { version: 1, position: 6, rules: [], members: [], more: false };
  const at = has.rules[web.groupId];
  if (at === 6) return nothing;
  if (at === 5) return { ...nothing, rules: [{ ...web, position: 6, rules: [] }] };
  const host = { position: 4, instances: [instance] };
  return { ...nothing, position: 5, host, rules: [{ ...web, position: 5, rules: [rule] }] };
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

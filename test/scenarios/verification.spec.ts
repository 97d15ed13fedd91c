import { describe, expect, it } from 'vitest';
import { MemoryBroker } from '#libs/bus';
import { openMemoryEventStore } from '#libs/event-store';
import { FakeDataplane } from '#libs/nftables';
import { EC2_LIMITS, type Command } from '#libs/domain';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Distributor } from '../../apps/control-plane/src/distribution/distributor.js';
import { CommandLog } from '../../apps/control-plane/src/log/command-log.js';
import { ReceiptBoard } from '../../apps/control-plane/src/receipts/receipt-board.js';
import { Verifier } from '../../apps/control-plane/src/verification/verifier.js';
import { EnforcedPolicy } from '../../apps/host-agent/src/enforcement/enforced-policy.js';
import { HostAgent } from '../../apps/host-agent/src/host-agent.js';
import { StateFile } from '../../apps/host-agent/src/state/state-file.js';
import { answerVerifications } from '../../apps/host-agent/src/verifications.js';
import { accountId, authorize, createGroup, fromAnywhere, fromGroup, launch } from '../support/cell.js';

const request = { actor: { kind: 'system' }, requestId: 'test' } as const;
const hostId = 'host-1' as never;

async function open() {
  const [broker, store, receipts] = [new MemoryBroker(), openMemoryEventStore(), new ReceiptBoard()];
  const distributor = new Distributor(receipts);
  const commands = await CommandLog.open(store, [(commit, arrival) => distributor.project(commit, arrival)], {
    limits: EC2_LIMITS,
  });
  const bus = broker.connect('control plane');
  distributor.serve(bus, commands);
  const execute = async (command: object): Promise<void> => {
    const outcome = await commands.handle(command as Command, request);
    if (!outcome.accepted) throw new Error(JSON.stringify(outcome.refusal));
    await receipts.wait(outcome.position, 5000);
  };
  const ids = { vpcId: 'vpc-00000001', defaultGroupId: 'sg-ffffffff' };
  const ruleIds = ['sgr-fffffff1', 'sgr-fffffff2', 'sgr-fffffff3'];
  await execute({ type: 'OpenAccount', accountId, ...ids, ruleIds });
  const kernel = new FakeDataplane();
  const file = new StateFile(join(mkdtempSync(join(tmpdir(), 'rampart-verification-')), 'state'));
  const host = EnforcedPolicy.restore(kernel, file, () => undefined);
  const hostBus = broker.connect('host-1');
  const ranges = ['10.0.1.0/24'] as never;
  const agent = new HostAgent(host, { hostId, ranges, bus: hostBus, warn: () => undefined });
  answerVerifications(hostBus, hostId, host);
  await agent.start();
  for (const name of ['web', 'db']) await execute(createGroup(name));
  await execute(launch('web', 'host-1'));
  await execute(authorize('web', 80, fromAnywhere));
  await execute(authorize('web', 81, fromGroup('db')));
  await execute(launch('db', 'host-1'));
  return { kernel, agent, verifier: new Verifier(bus, store, distributor) };
}

describe('verifying a host', () => {
  it('finds that its kernel is what the log says', async () => {
    const { verifier, agent } = await open();
    const verification = await verifier.verify(hostId);
    expect(verification).toMatchObject({ outcome: 'same', differences: [] });
    expect(verification.size).toBeGreaterThan(10);
    agent.stop();
  });

  it('names what is different', async () => {
    const { verifier, agent, kernel } = await open();
    agent.stop(); // or it would be right again at once
    const { set, elements } = kernel.ruleset.sets.get('ingress_ip_0_port_16') ?? {};
    if (!set || !elements) throw new Error('the set is not there');
    kernel.meddle([{ type: 'deleteElements', set, elements: [...elements.values()] }]);
    expect(await verifier.verify(hostId)).toMatchObject({
      outcome: 'different',
      differences: [{ object: 'set ingress_ip_0_port_16', held: 0, expected: 1 }],
    });
  });
});

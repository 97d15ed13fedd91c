import { expect, it } from 'vitest';
import { compile, difference } from '#libs/compiler';
import { openMemoryEventStore } from '#libs/event-store';
import { FakeDataplane } from '#libs/nftables';
import { hostPolicyOf, recompute } from '../../apps/control-plane/src/verification/recompute.js';
import {
  authorize,
  Cell,
  createGroup,
  fromAnywhere,
  instancesIn,
  launch,
  terminate,
} from '../support/cell.js';

const hostId = 'host-1' as never;

it('a retired host whose agent lives comes back by its next sync, and enforces what the log says', async () => {
  const store = openMemoryEventStore();
  await using cell = await Cell.open(store);
  const kernel = new FakeDataplane();
  const agent = await cell.startHost(hostId, ['10.0.1.0/24'], kernel);
  await cell.execute(createGroup('web'));
  await cell.execute(authorize('web', 80, fromAnywhere));
  const launched = instancesIn(await cell.enforce(launch('web', hostId)));
  await expect(cell.execute({ type: 'RetireHost', hostId })).rejects.toThrow('HostInUse');
  await cell.enforce(terminate(launched.map(({ instanceId }) => instanceId)));

  await cell.execute({ type: 'RetireHost', hostId });
  expect(cell.receipts.stateOf(hostId)).toEqual({ state: 'unknown' });
  await expect(cell.execute(launch('web', hostId))).rejects.toThrow('HostUnknown');
  await cell.execute(authorize('web', 443, fromAnywhere));

  await agent.sync();
  await cell.enforce(launch('web', hostId));
  expect(agent.instances).toHaveLength(1);
  const expected = compile(hostPolicyOf(await recompute(store), hostId));
  expect(difference(kernel.read(), expected)).toEqual([]);
});

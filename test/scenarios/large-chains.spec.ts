import { EC2_LIMITS } from '#libs/domain';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FakeDataplane } from '#libs/nftables';
import {
  authorize,
  authorizePorts,
  Cell,
  createGroup,
  enrollHost,
  fromAnywhere,
  fromGroup,
  instancesIn,
  launch,
  revoke,
  terminate,
  type Accepted,
} from '../support/cell.js';

const MEMBERS = 60_000;
const RULES = 10_000;
const LIMITS = { ...EC2_LIMITS, rulesPerGroup: 100_000 };

/** Addresses and permissions that the dataplane holds. */
const heldBy = (dataplane: FakeDataplane, set: string): ReadonlySet<string> =>
  new Set(dataplane.ruleset.sets.get(set)?.elements.keys());

describe('a chain longer than a NATS message', () => {
  it('reaches the host whole, though it changes between its pages', async () => {
    await using cell = await Cell.open(undefined, { limits: LIMITS });
    await cell.execute(enrollHost('host-1', '10.0.0.0/16'));
    await cell.execute(enrollHost('host-2', '10.1.0.0/16'));
    for (const name of ['web', 'crowd']) await cell.execute(createGroup(name));
    await cell.execute(launch('web', 'host-1'));
    const members = new Map<string, string>();
    const remember = (launched: Accepted): void => {
      for (const { instanceId, addresses } of instancesIn(launched))
        members.set(instanceId, addresses[0] ?? '');
    };
    for (let n = 0; n < MEMBERS; n += 100) remember(await cell.execute(launch('crowd', 'host-2', 100)));
    await cell.execute(authorize('web', 80, fromGroup('crowd')));

    using dataplane = new FakeDataplane();
    const host = { isStarted: false };
    const started = cell.startHost('host-1', ['10.0.0.0/16'], dataplane).then(() => (host.isStarted = true));
    // While the host takes page after page, members leave at both ends, and come.
    const ids = [...members.keys()];
    for (let n = 0; !host.isStarted && n < MEMBERS / 2; n++) {
      await setImmediate();
      const gone = [ids[n], ids[MEMBERS - 1 - n]].filter((id) => id !== undefined);
      await cell.execute(terminate(gone));
      for (const id of gone) members.delete(id);
      remember(await cell.execute(launch('crowd', 'host-2')));
    }
    await started;
    await cell.enforce(authorize('web', 443, fromAnywhere));
    expect(heldBy(dataplane, 'members_ip_1')).toEqual(new Set(members.values()));
  });

  it('of rules comes too, and a change that no message can hold is asked for', async () => {
    await using cell = await Cell.open(undefined, { limits: LIMITS });
    using dataplane = new FakeDataplane();
    await cell.startHost('host-1', ['10.0.0.0/16'], dataplane);
    await cell.execute(createGroup('web'));
    await cell.enforce(launch('web', 'host-1'));
    await cell.enforce(authorizePorts('web', RULES));
    await cell.enforce(revoke('web', 1, fromAnywhere));
    const held = dataplane.ruleset.sets
      .values()
      .reduce((sum, { set, elements }) => sum + (set.name.includes('ingress') ? elements.size : 0), 0);
    expect(held).toBe(RULES - 1);
  });
});

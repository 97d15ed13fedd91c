import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Instance, IpAddress } from '#libs/domain';
import { NetlinkDataplane } from '#libs/nftables';
import { parseTrial } from '../../apps/lab/src/reach/traffic.js';
import {
  accountId,
  authorize,
  Cell,
  createGroup,
  fromAnywhere,
  instancesIn,
  launch,
  newId,
  revoke,
  terminate,
} from '../support/cell.js';
import { Fleet } from './support/fleet.js';
import { noKernel } from './support/namespace.js';
import { Conversation, Echo, reaches } from './support/packets.js';

const SSH = 22;
const NATS = 4222;
const settings = {
  interfaces: ['ri-*'],
  failsafe: { in: [{ protocol: 6, port: SSH }], out: [{ protocol: 6, port: NATS }] },
} as const;

/** A host that wears groups itself, a client far away, and an instance behind the host. */
describe.skipIf(noKernel)(`a host that is an instance${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  let fleet: Fleet;
  let cell: Cell;
  let plane: NetlinkDataplane;
  let own: Instance;
  let guest: Instance;
  const echoes: Echo[] = [];

  const host = () => {
    const [machine] = fleet.hosts;
    if (!machine?.namespace) throw new Error('the fleet has no host');
    return { ...machine, namespace: machine.namespace };
  };
  const far = () => ({ ...fleet.internet, namespace: fleet.internet.namespace ?? '' });
  const launchHost = () => cell.enforce({ ...launch('machine', host().id), attachment: 'host' });

  beforeAll(async () => {
    [fleet, cell] = await Promise.all([Fleet.lay(1), Cell.open()]);
    plane = new NetlinkDataplane({ netns: fleet.groundOf(host()).path });
    const { id, ranges, addresses } = host();
    await cell.startHost(id, ranges, plane, undefined, { settings, addresses });
    for (const name of ['machine', 'guest']) await cell.enforce(createGroup(name));
    await changeEgress('RevokeRules', 'machine');
    [own, guest] = [
      ...instancesIn(await launchHost()),
      ...instancesIn(await cell.enforce(launch('guest', id))),
    ] as [Instance, Instance];
    await fleet.attach([guest]);
    echoes.push(
      new Echo(host().namespace, [SSH, 80, 81]),
      new Echo(far().namespace, [NATS, 443]),
      new Echo(fleet.namespaceOf(guest), [80]),
    );
    const isWired = async (): Promise<boolean> => (await arriving('tcp/22', 'tcp/22 -6')).length === 2;
    await vi.waitUntil(isWired, { timeout: 20_000 });
  });
  afterAll(async () => {
    for (const echo of echoes) echo[Symbol.dispose]();
    await cell[Symbol.asyncDispose]();
    plane[Symbol.dispose]();
    await fleet[Symbol.asyncDispose]();
  });

  const changeEgress = (type: 'RevokeRules' | 'AuthorizeRules', groupName: string) => {
    const permission = { traffic: { kind: 'all' }, peer: fromAnywhere };
    const change = {
      rules: [{ ruleId: newId('sgr'), ...permission }],
      permissions: [permission],
      ruleIds: [],
    };
    return cell.enforce({ type, accountId, group: { groupName }, direction: 'egress', ...change });
  };
  const trying = async (
    from: string,
    addresses: readonly IpAddress[],
    trials: readonly string[],
  ): Promise<readonly string[]> => {
    const outcomes = trials.map((what) => {
      const [trial = '', family] = what.split(' -');
      return reaches(from, addresses[family === '6' ? 1 : 0] as IpAddress, parseTrial(trial));
    });
    const arrived = await Promise.all(outcomes);
    return trials.filter((_, index) => arrived[index]);
  };
  const arriving = (...trials: readonly string[]) => trying(far().namespace, host().addresses, trials);

  it('has its own addresses, and no interface', () => {
    expect(own).toMatchObject({ interfaceName: '', addresses: host().addresses });
  });

  it('is reached on the port that is allowed and on those that stay open, and on no other', async () => {
    const trials = ['tcp/22', 'tcp/22 -6', 'tcp/80', 'tcp/80 -6', 'tcp/81', 'udp/22', 'icmp'];
    expect(await arriving(...trials)).toEqual(['tcp/22', 'tcp/22 -6']);
    await cell.enforce(authorize('machine', 80, fromAnywhere));
    expect(await arriving(...trials)).toEqual(['tcp/22', 'tcp/22 -6', 'tcp/80']);
  });

  it('loses an established connection with the rule; ssh and NATS do not notice', async () => {
    const [address] = host().addresses as [IpAddress];
    using web = await Conversation.open(far().namespace, address, 80);
    using ssh = await Conversation.open(far().namespace, address, SSH);
    using nats = await Conversation.open(host().namespace, far().address, NATS);
    const all = [web, ssh, nats];
    expect(await Promise.all(all.map((one) => one.hears('one')))).toEqual([true, true, true]);
    await cell.enforce(revoke('machine', 80, fromAnywhere));
    expect(await Promise.all(all.map((one) => one.hears('two')))).toEqual([false, true, true]);
  });

  it('reaches others as its own rules say', async () => {
    const outward = () => trying(host().namespace, far().addresses, ['tcp/4222', 'tcp/443', 'icmp']);
    expect(await outward()).toEqual(['tcp/4222']);
    await changeEgress('AuthorizeRules', 'machine');
    expect(await outward()).toEqual(['tcp/4222', 'tcp/443', 'icmp']);
    await changeEgress('RevokeRules', 'machine');
    expect(await outward()).toEqual(['tcp/4222']);
  });

  it('and the instance behind it judge each other, by their groups', async () => {
    const inward = () => trying(fleet.namespaceOf(guest), host().addresses, ['tcp/22', 'tcp/80']);
    const peer = { kind: 'group', accountId, group: { groupName: 'guest' } };
    expect(await inward()).toEqual([]);
    await cell.enforce(authorize('machine', 80, peer));
    expect(await inward()).toEqual(['tcp/80']);
    expect(await arriving('tcp/80')).toEqual([]);
    await changeEgress('RevokeRules', 'guest');
    expect(await inward()).toEqual([]);
    await changeEgress('AuthorizeRules', 'guest');
  });

  it('speaks to itself whatever the rules say', async () => {
    const [address] = host().addresses as [IpAddress];
    expect(await reaches(host().namespace, address, parseTrial('tcp/81'))).toBe(true);
    expect(await reaches(host().namespace, '127.0.0.1' as IpAddress, parseTrial('tcp/81'))).toBe(true);
  });

  it('is one instance only, and open again after its end', async () => {
    await expect(launchHost()).rejects.toThrow('AddressTaken');
    await cell.enforce(terminate([own.instanceId]));
    expect(await arriving('tcp/81')).toEqual(['tcp/81']);
    [own] = instancesIn(await launchHost()) as [Instance];
    expect(await arriving('tcp/81')).toEqual([]);
  });
});

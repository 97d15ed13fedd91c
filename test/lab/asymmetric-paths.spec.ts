import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Instance, IpAddress } from '#libs/domain';
import { NetlinkDataplane } from '#libs/nftables';
import { ip } from '../../apps/lab/src/kernel/ip.js';
import { accountId, Cell, createGroup, instancesIn, launch, newId } from '../support/cell.js';
import { Fleet } from './support/fleet.js';
import { noKernel } from './support/namespace.js';
import type { Trial } from '../../apps/lab/src/reach/traffic.js';
import { Conversation, Echo, reaches } from './support/packets.js';

const TCP: Trial = { protocol: 'tcp', port: 80 };
const UDP: Trial = { protocol: 'udp', port: 80 };

/** Packets of which a host sees one direction only, or each by another interface. */
describe.skipIf(noKernel)(`asymmetric paths${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  let fleet: Fleet;
  let cell: Cell;
  let plane: NetlinkDataplane;
  let instance: Instance;
  const echoes: Echo[] = [];

  const change = (type: 'AuthorizeRules' | 'RevokeRules', protocol: number, from: number, to: number) => {
    const traffic = { kind: 'ports', protocol, from, to };
    const permission = { traffic, peer: { kind: 'cidr', cidr: '0.0.0.0/0' } };
    const rules = [{ ruleId: newId('sgr'), ...permission }];
    const group = { groupName: 'web' };
    const how = { direction: 'ingress', rules, permissions: [permission], ruleIds: [] };
    return cell.enforce({ type, accountId, group, ...how });
  };
  const own = (): IpAddress => instance.addresses[0] as IpAddress;
  const inside = (): string => fleet.namespaceOf(instance);
  const outside = (): string => String(fleet.internet.namespace);
  const fabric = (): string => outside().replace(/internet$/, 'fabric');
  const host = () => fleet.groundOf(fleet.hosts[0] as never);
  const inward = (trial: Trial) => reaches(outside(), own(), trial);
  const outward = (trial: Trial) => reaches(inside(), fleet.internet.address, trial);

  /** From the instance straight to the fabric, past its host: for what it sends only. */
  const leavePastTheHost = async (): Promise<void> => {
    await ip([`link add name past netns ${fabric()} type veth peer name eth1 netns ${inside()}`]);
    await ip(['address add 192.168.9.1/30 dev past', 'link set past up'], fabric());
    await ip(
      [
        'address add 192.168.9.2/30 dev eth1',
        'link set eth1 up',
        `route add ${fleet.internet.address} via 192.168.9.1 dev eth1 src ${own()}`,
      ],
      inside(),
    );
  };
  /** From the fabric to the host by a second link: for what is sent to instances only. */
  const comeByAnotherLink = async (): Promise<void> => {
    await ip([`link add name second netns ${fabric()} type veth peer name uplink2 netns ${host().name}`]);
    await ip(['address add 192.168.9.6/30 dev uplink2', 'link set uplink2 up'], host().name);
    await ip(
      [
        'address add 192.168.9.5/30 dev second',
        'link set second up',
        `route add ${own()} via 192.168.9.6 dev second`,
      ],
      fabric(),
    );
  };

  beforeAll(async () => {
    [fleet, cell] = await Promise.all([Fleet.lay(1), Cell.open()]);
    const [machine] = fleet.hosts;
    if (!machine) throw new Error('the fleet has no host');
    plane = new NetlinkDataplane({ netns: host().path });
    await cell.startHost(machine.id, machine.ranges, plane);
    await cell.enforce(createGroup('web'));
    for (const protocol of [6, 17]) await change('AuthorizeRules', protocol, 80, 80);
    [instance] = instancesIn(await cell.enforce(launch('web', machine.id))) as [Instance];
    await fleet.attach([instance]);
    echoes.push(new Echo(inside(), [80]), new Echo(outside(), [80]));
  });
  beforeEach(async () => {
    const trials = (): Promise<readonly boolean[]> =>
      Promise.all([TCP, UDP].flatMap((one) => [inward(one), outward(one)]));
    await vi.waitUntil(async () => (await trials()).every(Boolean), { timeout: 20_000 });
  });
  afterAll(async () => {
    for (const echo of echoes) echo[Symbol.dispose]();
    await cell[Symbol.asyncDispose]();
    plane[Symbol.dispose]();
    await fleet[Symbol.asyncDispose]();
  });

  it('of one host do not matter: an answer may go another way than the question came', async () => {
    await comeByAnotherLink();
    using connection = await Conversation.open(outside(), own(), 80);
    expect(await connection.hears('there and back')).toBe(true);
    expect(await Promise.all([inward(UDP), outward(TCP), outward(UDP)])).toEqual([true, true, true]);
    await change('RevokeRules', 6, 80, 80);
    expect(await connection.hears('no more')).toBe(false);
    await change('AuthorizeRules', 6, 80, 80);
    await ip(['link delete second'], fabric());
  });

  it('past the host: what it sees only the questions of is judged as a flow, but a TCP connection stops', async () => {
    await leavePastTheHost();
    expect(await inward(UDP)).toBe(true);
    using connection = await Conversation.open(outside(), own(), 80);
    expect(await connection.hears('half seen')).toBe(false);
    await change('RevokeRules', 17, 80, 80);
    expect(await inward(UDP)).toBe(false);
    await change('AuthorizeRules', 17, 80, 80);
    await ip(['link delete past'], fabric());
  });

  it('past the host: what it sees only the answers of begins a flow itself, and TCP begins with no answer', async () => {
    await leavePastTheHost();
    expect([await outward(TCP), await outward(UDP)]).toEqual([false, false]);
    for (const protocol of [6, 17]) await change('AuthorizeRules', protocol, 1024, 65_535);
    expect([await outward(TCP), await outward(UDP)]).toEqual([false, true]);
    for (const protocol of [6, 17]) await change('RevokeRules', protocol, 1024, 65_535);
    await ip(['link delete past'], fabric());
  });
});

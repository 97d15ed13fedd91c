import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Instance, IpAddress } from '#libs/domain';
import { NetlinkDataplane } from '#libs/nftables';
import { accountId, Cell, createGroup, instancesIn, launch, newId } from '../support/cell.js';
import { Fleet } from './support/fleet.js';
import { noKernel } from './support/namespace.js';
import { arrives, IPV4_PACKETS, IPV6_PACKETS } from './support/raw-packets.js';

const PACKETS = { ...IPV4_PACKETS, ...IPV6_PACKETS };
type Name = keyof typeof PACKETS;
const NAMES = Object.keys(PACKETS) as readonly Name[];
const over = (family: 4 | 6): readonly Name[] =>
  NAMES.filter((name) => name.endsWith('-6') === (family === 6));

const SOON = { timeout: 5_000, interval: 20 };

/** Packets of any protocol, from a client far away, by a host, to an instance and back. */
describe.skipIf(noKernel)(`any protocol${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  let fleet: Fleet;
  let cell: Cell;
  let plane: NetlinkDataplane;
  let instance: Instance;
  /** Only ever speaks: what answers a tracked flow is not judged as a flow of its own. */
  let speaker: Instance;

  beforeAll(async () => {
    [fleet, cell] = await Promise.all([Fleet.lay(1), Cell.open()]);
    const host = fleet.hosts[0];
    if (!host) throw new Error('the fleet has no host');
    plane = new NetlinkDataplane({ netns: fleet.groundOf(host).path });
    await cell.startHost(host.id, host.ranges, plane);
    await cell.enforce(createGroup('bare'));
    for (const cidr of ['0.0.0.0/0', '::/0']) await revoke('egress', { kind: 'all' }, cidr);
    const [one, other] = instancesIn(await cell.enforce(launch('bare', host.id, 2)));
    if (!one || !other) throw new Error('two instances were wanted');
    [instance, speaker] = [one, other];
    await fleet.attach([instance, speaker]);
    await openAndClose('ingress', inward);
    await openAndClose('egress', outward);
  });
  afterAll(async () => {
    await cell[Symbol.asyncDispose]();
    plane[Symbol.dispose]();
    await fleet[Symbol.asyncDispose]();
  });

  const change = (direction: string, traffic: object, cidr: string): object => ({
    accountId,
    group: { groupName: 'bare' },
    direction,
    rules: [{ ruleId: newId('sgr'), traffic, peer: { kind: 'cidr', cidr } }],
    permissions: [{ traffic, peer: { kind: 'cidr', cidr } }],
    ruleIds: [],
  });
  const authorize = (direction: string, traffic: object, cidr: string) =>
    cell.enforce({ type: 'AuthorizeRules', ...change(direction, traffic, cidr) });
  const revoke = (direction: string, traffic: object, cidr: string) =>
    cell.enforce({ type: 'RevokeRules', ...change(direction, traffic, cidr) });

  const addressOf = (addresses: readonly string[], name: Name): IpAddress =>
    addresses.find((one) => one.includes(':') === name.endsWith('-6')) as IpAddress;
  const arriving = async (
    from: string,
    to: string,
    addresses: readonly string[],
  ): Promise<readonly Name[]> => {
    const trials = NAMES.map((name) => arrives(PACKETS[name], from, to, addressOf(addresses, name)));
    const outcomes = await Promise.all(trials);
    return NAMES.filter((_, index) => outcomes[index]);
  };
  const outside = () => ({
    namespace: fleet.internet.namespace ?? '',
    addresses: fleet.internet.addresses,
  });
  const inward = (): Promise<readonly Name[]> =>
    arriving(outside().namespace, fleet.namespaceOf(instance), instance.addresses);
  const outward = (): Promise<readonly Name[]> =>
    arriving(fleet.namespaceOf(speaker), outside().namespace, outside().addresses);

  /** New links need a moment: the ways there must be known before it means something that nothing comes. */
  async function openAndClose(direction: string, seen: () => Promise<readonly Name[]>): Promise<void> {
    for (const cidr of ['0.0.0.0/0', '::/0']) await authorize(direction, { kind: 'all' }, cidr);
    await vi.waitFor(async () => expect(await seen()).toEqual(NAMES), { timeout: 20_000 });
    for (const cidr of ['0.0.0.0/0', '::/0']) await revoke(direction, { kind: 'all' }, cidr);
  }

  it.each<[string, object, string, readonly Name[]]>([
    ['ESP', { kind: 'protocol', protocol: 50 }, '0.0.0.0/0', ['esp']],
    ['ESP over IPv6', { kind: 'protocol', protocol: 50 }, '::/0', ['esp -6']],
    ['AH', { kind: 'protocol', protocol: 51 }, '0.0.0.0/0', ['ah']],
    ['AH over IPv6', { kind: 'protocol', protocol: 51 }, '::/0', ['ah -6']],
    ['a protocol nobody knows', { kind: 'protocol', protocol: 253 }, '0.0.0.0/0', ['unknown']],
    ['one ICMP type', { kind: 'icmp', protocol: 1, type: 13 }, '0.0.0.0/0', ['timestamp']],
    ['one ICMP type and code', { kind: 'icmp', protocol: 1, type: 8, code: 0 }, '0.0.0.0/0', ['echo']],
    ['another code', { kind: 'icmp', protocol: 1, type: 8, code: 1 }, '0.0.0.0/0', []],
    ['all ICMP', { kind: 'icmp', protocol: 1 }, '0.0.0.0/0', ['echo', 'timestamp']],
    [
      'one ICMPv6 type and code',
      { kind: 'icmp', protocol: 58, type: 138, code: 1 },
      '::/0',
      ['renumbering -6'],
    ],
    ['all ICMPv6', { kind: 'icmp', protocol: 58 }, '::/0', ['echo -6', 'renumbering -6']],
    ['a port range', { kind: 'ports', protocol: 17, from: 50, to: 60 }, '0.0.0.0/0', ['udp 53']],
    ['everything', { kind: 'all' }, '0.0.0.0/0', over(4)],
    ['everything over IPv6', { kind: 'all' }, '::/0', over(6)],
    ['everything from elsewhere', { kind: 'all' }, '192.0.2.0/24', []],
  ])('%s comes in when it is permitted, and nothing else does', async (_what, traffic, cidr, expected) => {
    await authorize('ingress', traffic, cidr);
    expect(await inward()).toEqual(expected);
    await revoke('ingress', traffic, cidr);
    expect(await inward()).toEqual([]);
  });

  it.each<[string, object, string, readonly Name[]]>([
    ['ESP', { kind: 'protocol', protocol: 50 }, '0.0.0.0/0', ['esp']],
    ['ESP over IPv6', { kind: 'protocol', protocol: 50 }, '::/0', ['esp -6']],
    ['AH', { kind: 'protocol', protocol: 51 }, '0.0.0.0/0', ['ah']],
    ['AH over IPv6', { kind: 'protocol', protocol: 51 }, '::/0', ['ah -6']],
    ['one ICMPv6 type', { kind: 'icmp', protocol: 58, type: 128 }, '::/0', ['echo -6']],
    ['everything', { kind: 'all' }, '0.0.0.0/0', over(4)],
  ])('%s goes out when it is permitted, and nothing else does', async (_what, traffic, cidr, expected) => {
    await authorize('egress', traffic, cidr);
    expect(await outward()).toEqual(expected);
    await revoke('egress', traffic, cidr);
    expect(await outward()).toEqual([]);
  });

  it('without any rule an instance still finds its gateway, and is found, but can’t ping', async () => {
    const [host] = fleet.hosts;
    if (!host) throw new Error('the fleet has no host');
    const ground = fleet.groundOf(host);
    const { interfaceName } = speaker;
    const address = addressOf(speaker.addresses, 'echo -6');
    const inInstance = (...line: readonly string[]): string =>
      ground.run('ip', 'netns', 'exec', fleet.namespaceOf(speaker), 'ip', '-6', ...line);
    ground.run('ip', '-6', 'address', 'add', 'fe80::1/64', 'dev', interfaceName, 'nodad');
    const asked = `neighbour replace ${address} lladdr 02:00:00:00:00:02 dev ${interfaceName} nud probe`;
    ground.run('ip', '-6', ...asked.split(' '));
    await vi.waitFor(
      () => expect(ground.run('ip', '-6', 'neighbour', 'show', address)).toMatch(/REACHABLE/),
      SOON,
    );
    inInstance('neighbour', 'delete', 'fe80::1', 'dev', 'eth0');
    expect(await outward()).toEqual([]);
    const gateway = /lladdr 02:00:00:00:00:01.*REACHABLE/;
    await vi.waitFor(() => expect(inInstance('neighbour', 'show', 'fe80::1')).toMatch(gateway), SOON);
    expect(await inward()).toEqual([]);
  });
});

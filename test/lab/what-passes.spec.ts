import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { familyOf, type Instance, type IpAddress } from '#libs/domain';
import { NetlinkDataplane } from '#libs/nftables';
import { inNamespace } from '../../apps/lab/src/kernel/namespace.js';
import { datagramSocket } from '../../apps/lab/src/kernel/sockets.js';
import { accountId, Cell, createGroup, instancesIn, launch, newId } from '../support/cell.js';
import { Fleet } from './support/fleet.js';
import { noKernel } from './support/namespace.js';
import { Echo, reaches } from './support/packets.js';
import { arrives, type RawPacket } from './support/raw-packets.js';

const OPEN = 5000;
/** Permitted as well, but nobody listens there. */
const DEAF = 5001;
const SHUT = 6000;
const SOON = { timeout: 5_000, interval: 50 };
/** What comes is there at once; only what never comes is waited for so long. */
const PATIENCE_MS = 400;

/** What belongs to permitted traffic without being it: fragments, ICMP errors, ARP. */
describe.skipIf(noKernel)(`beside what rules say${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  let fleet: Fleet;
  let cell: Cell;
  let plane: NetlinkDataplane;
  let instance: Instance;
  let echo: Echo;

  const change = (type: string, direction: string, traffic: object, cidr = '0.0.0.0/0') => {
    const permission = { traffic, peer: { kind: 'cidr', cidr } };
    const rules = [{ ruleId: newId('sgr'), ...permission }];
    const group = { groupName: 'bare' };
    return cell.enforce({ type, accountId, group, direction, rules, permissions: [permission], ruleIds: [] });
  };
  const udp = (from: number, to: number): object => ({ kind: 'ports', protocol: 17, from, to });
  const own = (family: 4 | 6 = 4): IpAddress => instance.addresses[family === 4 ? 0 : 1] as IpAddress;
  const far = () => ({ ...fleet.internet, namespace: fleet.internet.namespace ?? '' });
  const ground = () => fleet.groundOf(fleet.hosts[0] as never);

  beforeAll(async () => {
    [fleet, cell] = await Promise.all([Fleet.lay(1), Cell.open()]);
    const [host] = fleet.hosts;
    if (!host) throw new Error('the fleet has no host');
    plane = new NetlinkDataplane({ netns: fleet.groundOf(host).path });
    await cell.startHost(host.id, host.ranges, plane);
    await cell.enforce(createGroup('bare'));
    await change('RevokeRules', 'egress', { kind: 'all' });
    for (const cidr of ['0.0.0.0/0', '::/0'])
      await change('AuthorizeRules', 'ingress', udp(OPEN, DEAF), cidr);
    [instance] = instancesIn(await cell.enforce(launch('bare', host.id))) as [Instance];
    await fleet.attach([instance]);
    echo = new Echo(fleet.namespaceOf(instance), [OPEN, SHUT]);
    const isThere = (family: 4 | 6) => reaches(far().namespace, own(family), { protocol: 'udp', port: OPEN });
    await vi.waitUntil(async () => (await isThere(4)) && (await isThere(6)), { timeout: 20_000 });
  });
  afterAll(async () => {
    echo[Symbol.dispose]();
    await cell[Symbol.asyncDispose]();
    plane[Symbol.dispose]();
    await fleet[Symbol.asyncDispose]();
  });

  /** What comes back of a datagram of so many bytes: an answer as long, the news that nobody listens, or nothing. */
  async function sent(from: string, to: IpAddress, port: number, bytes: number): Promise<unknown> {
    const isIpv4 = familyOf(to) === 4;
    const fd = inNamespace(from, () => datagramSocket((isIpv4 ? '0.0.0.0' : '::') as IpAddress, 0));
    const socket: Socket = createSocket(isIpv4 ? 'udp4' : 'udp6');
    const { promise, resolve } = Promise.withResolvers<unknown>();
    socket.on('message', ({ length }) => resolve(length));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    socket.bind({ fd });
    socket.connect(port, to);
    await once(socket, 'connect');
    socket.send(Buffer.alloc(bytes));
    const outcome = await Promise.race([promise, sleep(PATIENCE_MS, 'nothing')]);
    socket.close();
    return outcome;
  }

  it.each([4, 6] as const)('a datagram in fragments of IPv%i is judged as the datagram', async (family) => {
    expect(await sent(far().namespace, own(family), OPEN, 8_000)).toBe(8_000);
    expect(await sent(far().namespace, own(family), SHUT, 8_000)).toBe('nothing');
  });

  it('an ICMP error about permitted traffic passes, though no rule permits ICMP', async () => {
    expect(await sent(far().namespace, own(), DEAF, 10)).toBe('ECONNREFUSED');
    expect(await sent(far().namespace, own(), DEAF + 1, 10)).toBe('nothing');
  });

  it('an ICMP error about nothing does not', async () => {
    const unreachable: RawPacket = { protocol: 1, header: Buffer.from([3, 3, 0, 0, 0, 0, 0, 0]) };
    const comes = () => arrives(unreachable, far().namespace, fleet.namespaceOf(instance), own());
    expect(await comes()).toBe(false);
    await change('AuthorizeRules', 'ingress', { kind: 'icmp', protocol: 1, type: 3 });
    expect(await comes(), 'unless a rule says so').toBe(true);
    await change('RevokeRules', 'ingress', { kind: 'icmp', protocol: 1, type: 3 });
  });

  it('an instance hears that its packets are too large for some link on their way', async () => {
    await change('AuthorizeRules', 'egress', udp(9, 9));
    const namespace = fleet.namespaceOf(instance);
    const run = (name: string, ...line: readonly string[]): string =>
      ground().run('ip', 'netns', 'exec', name, 'ip', ...line);
    const fabric = far().namespace.replace(/internet$/, 'fabric');
    run(fabric, 'link', 'set', 'internet', 'mtu', '1200');
    expect(run(namespace, 'route', 'get', far().address)).not.toContain('mtu');
    await sent(namespace, far().address, 9, 1_300);
    await vi.waitFor(() => expect(run(namespace, 'route', 'get', far().address)).toContain('mtu 1200'), SOON);
    run(fabric, 'link', 'set', 'internet', 'mtu', '1500');
  });

  it('host and instance find each other by ARP without any rule', async () => {
    const { interfaceName: device } = instance;
    const ip = (line: string): string => ground().run('ip', ...line.split(' '));
    ip(`address add 169.254.1.1/32 dev ${device}`);
    ip(`neighbour replace ${own()} lladdr 02:00:00:00:00:02 dev ${device} nud probe`);
    await vi.waitFor(() => expect(ip(`neighbour show ${own()}`)).toContain('REACHABLE'), SOON);
  });
});

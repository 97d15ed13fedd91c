import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Instance, IpAddress } from '#libs/domain';
import { NetlinkDataplane } from '#libs/nftables';
import { accountId, Cell, createGroup, instancesIn, launch, newId } from '../support/cell.js';
import { Fleet } from './support/fleet.js';
import {
  advertisement,
  arp,
  datagram,
  ethernet,
  ETHERTYPES,
  newMark,
  seenIn,
  send,
  type Link,
} from './support/frames.js';
import { noKernel } from './support/namespace.js';
import { Echo, reaches } from './support/packets.js';

const OPEN = 5000;
const SHUT = 6000;
const EVERYONE = 'ff:ff:ff:ff:ff:ff';
const HOST_END = '02:00:00:00:00:01';

/** What an instance may put on its link that is no packet of its own, beside another instance on the same host. */
describe.skipIf(noKernel)(`frames of an instance${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  let fleet: Fleet;
  let cell: Cell;
  let plane: NetlinkDataplane;
  let speaker: Instance;
  let neighbour: Instance;
  let link: Link;
  let echo: Echo;

  beforeAll(async () => {
    [fleet, cell] = await Promise.all([Fleet.lay(1), Cell.open()]);
    const [host] = fleet.hosts;
    if (!host) throw new Error('the fleet has no host');
    plane = new NetlinkDataplane({ netns: fleet.groundOf(host).path });
    await cell.startHost(host.id, host.ranges, plane);
    await cell.enforce(createGroup('web'));
    for (const cidr of ['0.0.0.0/0', '::/0']) {
      const permission = {
        traffic: { kind: 'ports', protocol: 17, from: OPEN, to: OPEN },
        peer: { kind: 'cidr', cidr },
      };
      const rules = [{ ruleId: newId('sgr'), ...permission }];
      const group = { groupName: 'web' };
      await cell.enforce({ type: 'AuthorizeRules', accountId, group, direction: 'ingress', rules });
    }
    [speaker, neighbour] = instancesIn(await cell.enforce(launch('web', host.id, 2))) as [Instance, Instance];
    await fleet.attach([speaker, neighbour]);
    echo = new Echo(fleet.namespaceOf(neighbour), [OPEN]);
    link = fleet.linkOf(speaker);
    await vi.waitUntil(async () => (await answering()) === 2, { timeout: 20_000 });
  });
  afterAll(async () => {
    echo[Symbol.dispose]();
    await cell[Symbol.asyncDispose]();
    plane[Symbol.dispose]();
    await fleet[Symbol.asyncDispose]();
  });

  const ground = () => fleet.groundOf(fleet.hosts[0] as never);
  const internet = () => String(fleet.internet.namespace);
  const addressOf = ({ addresses }: Instance, family: 4 | 6): IpAddress =>
    addresses[family === 4 ? 0 : 1] as IpAddress;
  const own = (): IpAddress => addressOf(speaker, 4);
  const other = (family: 4 | 6 = 4): IpAddress => addressOf(neighbour, family);
  /** Of the neighbour's addresses. */
  const answering = async (): Promise<number> => {
    const trials = neighbour.addresses.map((address) =>
      reaches(internet(), address, { protocol: 'udp', port: OPEN }),
    );
    return (await Promise.all(trials)).filter(Boolean).length;
  };
  /** How far a frame gets: to the host, to the instance next to it, to anybody else. */
  const getsTo = async (frame: Buffer, mark: Buffer): Promise<readonly string[]> => {
    const places = {
      host: ground().name,
      neighbour: fleet.namespaceOf(neighbour),
      elsewhere: internet(),
    };
    const seen = await seenIn(Object.values(places), mark, () => send(link, frame));
    return Object.entries(places).flatMap(([name, place]) => (seen.includes(place) ? [name] : []));
  };

  it.each<[string, number]>([
    ['an ethertype for experiments', 0x88b5],
    ['IPX', 0x8137],
    ['MPLS', 0x8847],
    ['PPPoE', 0x8864],
  ])('of %s end at the host, to whomever they are addressed', async (_what, type) => {
    for (const to of [HOST_END, EVERYONE]) {
      const mark = newMark();
      expect(await getsTo(ethernet(to, link.address, type, mark), mark)).toEqual(['host']);
    }
  });

  it.each<[string, number | undefined, () => IpAddress, number, readonly string[]]>([
    ['a packet that is permitted', undefined, own, OPEN, ['host', 'neighbour']],
    ['one that is not', undefined, own, SHUT, ['host']],
    ['one from the address of another', undefined, () => fleet.internet.address, OPEN, ['host']],
    ['one from the receiver’s own address', undefined, other, OPEN, ['host']],
    // A tag without a VLAN only carries a priority: the host reads on.
    ['a permitted one with a priority tag', 0, own, OPEN, ['host', 'neighbour']],
    ['a forbidden one with a priority tag', 0, own, SHUT, ['host']],
    ['a permitted one in a VLAN', 5, own, OPEN, ['host']],
  ])('%s gets where it may', async (_what, vlan, source, port, expected) => {
    const mark = newMark();
    const packet = datagram(source(), other(), port, mark);
    expect(await getsTo(ethernet(HOST_END, link.address, ETHERTYPES.ip, packet, vlan), mark)).toEqual(
      expected,
    );
  });

  it('by which it claims the addresses of another win it none of their packets', async () => {
    const device = neighbour.interfaceName;
    ground().run('ip', '-6', 'address', 'add', 'fe80::1/64', 'dev', device, 'nodad');
    // Not by entries that nobody can change: the host is to ask, as hosts do.
    for (const address of neighbour.addresses)
      ground().run('ip', 'neighbour', 'flush', 'to', address, 'dev', device, 'nud', 'all');
    const claims = [
      [ETHERTYPES.arp, arp('tells', link.address, other(), other())],
      [ETHERTYPES.arp, arp('asks', link.address, other(), fleet.hosts[0]?.address as IpAddress)],
      [ETHERTYPES.ip6, advertisement(link.address, other(6))],
    ] as const;
    const claim = (): void => {
      for (const [type, payload] of claims) send(link, ethernet(EVERYONE, link.address, type, payload));
    };
    const hijacked = Buffer.from('rampart'); // what trials say
    const seen = await seenIn(
      [fleet.namespaceOf(speaker), fleet.namespaceOf(neighbour)],
      hijacked,
      async () => {
        claim();
        expect(await answering()).toBe(2);
        claim();
        expect(await answering()).toBe(2);
      },
    );
    expect(seen).toEqual([fleet.namespaceOf(neighbour)]);
  });

  it('ask for addresses: the host answers for its own, for those of its instances nobody does', async () => {
    const answerFor = async (address: IpAddress): Promise<boolean> => {
      // The head of an ARP answer, up to whose it is.
      const answer = Buffer.from([0, 1, 8, 0, 6, 4, 0, 2]);
      const ask = () =>
        send(
          link,
          ethernet(EVERYONE, link.address, ETHERTYPES.arp, arp('asks', link.address, own(), address)),
        );
      return (await seenIn([fleet.namespaceOf(speaker)], answer, ask)).length > 0;
    };
    expect(await answerFor(fleet.hosts[0]?.address as IpAddress)).toBe(true);
    expect(await answerFor(other())).toBe(false);
  });
});

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { IpAddress } from '#libs/domain';
import { namespaceOf } from '../../apps/lab/src/kernel/namespace.js';
import type { AnyMachine, InstanceMachine } from '../../apps/lab/src/machines.js';
import { parseTrial } from '../../apps/lab/src/reach/traffic.js';
import { plug } from './support/fleet.js';
import { Lab } from './support/lab.js';
import { noKernel } from './support/namespace.js';
import { Conversation, Echo, reaches } from './support/packets.js';

/** The lab makes and removes namespaces as it hears of instances, a moment after their hosts do. */
const WIRING = { timeout: 5_000, interval: 10 };

/** Everything is done with the verbs that users type, and seen in what becomes of packets. */
describe.skipIf(noKernel)(`the story, told with the verbs${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  let lab: Lab;
  let opening: string;
  const echoes: Echo[] = [];

  beforeAll(async () => {
    lab = await Lab.up();
    serve('mysql-1', 3307);
    await lab.verb('ec2-create-group', 'Opening', '-d', 'what is open today');
    opening = await run('-g Opening --host host-1');
    serve(opening, 8080, 8081);
  });
  afterAll(async () => {
    for (const echo of echoes) echo[Symbol.dispose]();
    await lab[Symbol.asyncDispose]();
  });

  const machine = (name: string): AnyMachine => {
    const { instances, clients } = lab.status();
    const found = [...instances, ...clients].find((one) => one.name === name);
    if (!found) throw new Error(`nothing is called ${name}`);
    return found;
  };
  const addressOf = (name: string, family: 4 | 6 = 4): IpAddress =>
    machine(name).addresses[family === 4 ? 0 : 1] as IpAddress;
  /** What of these gets there: `tcp/80`, or `tcp/80 -6` over IPv6. */
  const arriving = async (
    from: string,
    to: string,
    ...trials: readonly string[]
  ): Promise<readonly string[]> => {
    const arrives = trials.map((what) => {
      const [trial = '', family] = what.split(' -');
      return reaches(namespaceOf(from), addressOf(to, family === '6' ? 6 : 4), parseTrial(trial));
    });
    const outcomes = await Promise.all(arrives);
    return trials.filter((_, index) => outcomes[index]);
  };
  const serve = (name: string, ...ports: readonly number[]): void => {
    echoes.push(new Echo(namespaceOf(name), ports));
  };

  /** A verb, which returns when every kernel concerned has the change. */
  const change = (line: string): Promise<string> => lab.verb(...line.split(' '), '--wait');
  const run = async (flags = ''): Promise<string> => {
    const said = await change(`ec2-run-instances ami-12345678 ${flags}`.trim());
    const id = /^INSTANCE\t(i-[0-9a-f]+)/m.exec(said)?.[1] ?? '';
    await vi.waitFor(() => machine(id), WIRING);
    return id;
  };
  const terminate = async (id: string): Promise<void> => {
    await change(`ec2-terminate-instances ${id}`);
    expect(await lab.verb('ec2-describe-instances', id)).toMatch(/\tterminated\t/);
    await vi.waitFor(() => expect(() => machine(id)).toThrow(), WIRING);
  };

  const ipOn = async (name: string, line: string): Promise<void> => {
    const { status, stderr } = await lab.exec(name, 'ip', ...line.split(' '));
    if (status !== 0) throw new Error(`ip ${line}: ${stderr}`);
  };

  it.each<[permission: string, opened: readonly string[], closed: readonly string[]]>([
    ['-P tcp -p 8080', ['tcp/8080'], ['udp/8080', 'tcp/8081', 'icmp', 'tcp/8080 -6']],
    ['-P tcp -p 8080-8081 -s ::/0', ['tcp/8080 -6', 'tcp/8081 -6'], ['tcp/8080', 'udp/8080 -6', 'icmp -6']],
    ['-P udp -p 8080', ['udp/8080'], ['tcp/8080', 'udp/8081', 'udp/8080 -6']],
    ['-P udp -p 8081 -s 2001:db8:ffff::/48', ['udp/8081 -6'], ['udp/8080 -6', 'tcp/8081 -6', 'udp/8081']],
    ['-P icmp -t 8:-1', ['icmp'], ['icmp -6', 'tcp/8080', 'udp/8080']],
    ['-P icmpv6 -t 128:0 -s ::/0', ['icmp -6'], ['icmp', 'tcp/8080 -6']],
    ['-P icmp -t 0:0', [], ['icmp']],
    ['-P tcp -p 8080 -s 198.51.100.128/25', [], ['tcp/8080']],
    ['-P all', ['tcp/8080', 'udp/8081', 'icmp'], ['tcp/8080 -6', 'icmp -6']],
  ])(
    'ec2-authorize %s opens that and no more, and ec2-revoke closes it',
    async (permission, opened, closed) => {
      const trials = [...opened, ...closed];
      await change(`ec2-authorize Opening ${permission}`);
      expect(await arriving('internet', opening, ...trials)).toEqual(opened);
      await change(`ec2-revoke Opening ${permission}`);
      expect(await arriving('internet', opening, ...trials)).toEqual([]);
    },
  );

  it('a new Apache reaches MySQL on another host at once, and nobody at its address does after its end', async () => {
    const third = await run('-g Apache --host host-1');
    const trials = ['tcp/3306', 'tcp/3306 -6', 'tcp/3307', 'udp/3307', 'icmp', 'icmp -6'];
    expect(await arriving(third, 'mysql-1', ...trials)).toEqual(['tcp/3306', 'tcp/3306 -6']);
    const was = machine(third) as InstanceMachine;
    await terminate(third);

    await using leftover = await plug({ ...was, interfaceName: 'leftover' });
    const fromLeftover = (to: string, what: string): Promise<boolean> =>
      reaches(leftover.namespace, addressOf(to), parseTrial(what));
    expect(await fromLeftover('apache-2', 'tcp/80'), 'its wire works').toBe(true);
    expect(await fromLeftover('mysql-1', 'tcp/3306')).toBe(false);
  });

  it('an address that an Apache had gives its next owner nothing', async () => {
    const apache = await run('-g Apache --host host-1');
    const address = addressOf(apache);
    await terminate(apache);
    const next = await run(`-g Opening --host host-1 --private-ip-address ${address}`);
    expect(addressOf(next)).toBe(address);
    expect(await arriving(next, 'mysql-1', 'tcp/3306', 'tcp/3306 -6')).toEqual([]);
    expect(await arriving(next, 'apache-2', 'tcp/80')).toEqual(['tcp/80']);
    await terminate(next);
  });

  it('MySQL is opened to the addresses of the Apaches as well as to their group', async () => {
    await change('ec2-revoke MySQL -P tcp -p 3306 -o Apache');
    expect(await arriving('apache-1', 'mysql-1', 'tcp/3306')).toEqual([]);
    await change(`ec2-authorize MySQL -P tcp -p 3306 -s ${addressOf('apache-1')}/24`);
    expect(await arriving('apache-1', 'mysql-1', 'tcp/3306', 'tcp/3306 -6')).toEqual(['tcp/3306']);
    expect(await arriving('apache-2', 'mysql-1', 'tcp/3306')).toEqual([]);
    expect(await arriving('internet', 'mysql-1', 'tcp/3306')).toEqual([]);
    await change(`ec2-revoke MySQL -P tcp -p 3306 -s ${addressOf('apache-1')}/24`);
    expect(await arriving('apache-1', 'mysql-1', 'tcp/3306')).toEqual([]);
    await change('ec2-authorize MySQL -P tcp -p 3306 -o Apache');
    expect(await arriving('apache-1', 'mysql-1', 'tcp/3306')).toEqual(['tcp/3306']);
  });

  it('members of default reach each other by anything, and nobody else reaches them', async () => {
    const [one, other] = [await run('--host host-1'), await run('--host host-2')];
    serve(other, 5000);
    const trials = ['tcp/5000', 'udp/5000', 'icmp', 'tcp/5000 -6', 'udp/5000 -6', 'icmp -6'];
    expect(await arriving(one, other, ...trials)).toEqual(trials);
    expect(await arriving('apache-1', other, ...trials)).toEqual([]);
    expect(await arriving('internet', other, ...trials)).toEqual([]);
    await terminate(one);
    await terminate(other);
  });

  it('a revocation ends an established connection at its next packet; one by another rule does not notice', async () => {
    await change('ec2-authorize MySQL -P tcp -p 3307');
    const open = (from: string, port: number): Promise<Conversation> =>
      Conversation.open(namespaceOf(from), addressOf('mysql-1'), port);
    using cut = await open('apache-1', 3306);
    using kept = await open('internet', 3307);
    expect(await Promise.all([cut.hears('one'), kept.hears('one')])).toEqual([true, true]);
    await change('ec2-revoke MySQL -P tcp -p 3306 -o Apache');
    expect(await Promise.all([cut.hears('two'), kept.hears('two')])).toEqual([false, true]);
    await change('ec2-authorize MySQL -P tcp -p 3306 -o Apache');
    await change('ec2-revoke MySQL -P tcp -p 3307');
    expect(await kept.hears('three')).toBe(false);
  });

  it('no instance speaks for another, even where the answers would come to it', async () => {
    const apache = await run('-g Apache --host host-1');
    const address = addressOf(apache);
    const { interfaceName } = machine(opening) as InstanceMachine;
    await ipOn(opening, `address add ${address} dev eth0`);
    await ipOn(opening, `route replace default via 169.254.1.1 dev eth0 onlink src ${address}`);
    await ipOn('host-1', `route replace ${address} dev ${interfaceName}`);
    expect(await arriving(opening, 'mysql-1', 'tcp/3306')).toEqual([]);
    await ipOn(opening, `route replace default via 169.254.1.1 dev eth0 onlink src ${addressOf(opening)}`);
    expect(await arriving(opening, 'apache-2', 'tcp/80')).toEqual(['tcp/80']);
  });

  it('a group goes when nothing wears it, and takes its rules along', async () => {
    await change('ec2-authorize Opening -P tcp -p 8080');
    await expect(lab.verb('ec2-delete-group', 'Opening')).rejects.toThrow('DependencyViolation');
    expect(await arriving('internet', opening, 'tcp/8080')).toEqual(['tcp/8080']);
    await terminate(opening);
    await change('ec2-delete-group Opening');
    await lab.verb('ec2-create-group', 'Opening', '-d', 'another of that name');
    const next = await run('-g Opening');
    serve(next, 8080);
    expect(await arriving('internet', next, 'tcp/8080')).toEqual([]);
  });
});

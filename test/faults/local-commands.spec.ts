import { spawnSync } from 'node:child_process';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { IpAddress } from '#libs/domain';
import { Namespace, noKernel } from '../lab/support/namespace.js';
import { Conversation, Echo, reaches } from '../lab/support/packets.js';
import { accountId } from '../support/cell.js';
import { Plant } from './support/plant.js';

const BIN = join(process.cwd(), 'apps', 'host-agent', 'bin');
const account: string = accountId;

/** Instances that a host's own scripts announce, with an agent as a process and real packets. */
describe.skipIf(noKernel)(`local commands${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  let plant: Plant;
  let container: Namespace;

  beforeAll(async () => {
    plant = await Plant.start();
    container = new Namespace('container');
    await plant.ask({ type: 'CreateGroup', name: 'web', description: 'web', wait: 10 });
    const rules = [{ protocol: 'tcp', from: 80, to: 80, cidr: '0.0.0.0/0' }];
    await plant.ask({ type: 'AuthorizeRules', group: 'web', rules, wait: 10 });
  });
  afterAll(async () => {
    container[Symbol.dispose]();
    await plant[Symbol.asyncDispose]();
  });

  /** A program in the host's namespace; the agent is this test's, so waiting for it here does not keep it waiting. */
  const onHost = (
    argv: readonly string[],
    { input = '', ...env }: { readonly input?: string } & Readonly<Record<string, string>> = {},
  ) => {
    const { name } = plant.fleet.groundOf(plant.fleet.hosts[0] as never);
    const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', name, ...argv], {
      encoding: 'utf8',
      input,
      env: {
        ...process.env,
        PATH: `${BIN}:${process.env['PATH']}`,
        RAMPART_AGENT_SOCKET: plant.socketOf('host-1'),
        ...env,
      },
    });
    return { status, stdout, stderr };
  };
  const command = (line: string) => onHost(['rampart-agent', ...line.split(' ')]);
  const internet = () => String(plant.fleet.internet.namespace);

  it('a container is an instance by the CNI plugin, until it is gone', async () => {
    const cni = (CNI_COMMAND: string) =>
      onHost([join(process.cwd(), 'deploy', 'cni', 'rampart')], {
        input: JSON.stringify({ cniVersion: '1.0.0', name: 'n', type: 'rampart', account, groups: 'web' }),
        CNI_COMMAND,
        CNI_CONTAINERID: 'c1',
        CNI_NETNS: container.path,
        CNI_IFNAME: 'eth0',
      });
    const added = cni('ADD');
    expect(added).toMatchObject({ status: 0, stderr: '' });
    const { ips } = JSON.parse(added.stdout) as { ips: readonly { address: string }[] };
    const address = ips[0]?.address.split('/')[0] as IpAddress;
    using _echo = new Echo(container.name, [80, 81]);
    await vi.waitUntil(() => reaches(internet(), address, { protocol: 'tcp', port: 80 }), {
      timeout: 10_000,
    });
    expect(await reaches(internet(), address, { protocol: 'tcp', port: 81 })).toBe(false);
    using outward = await Conversation.open(internet(), address, 80);
    expect(await outward.hears('hello')).toBe(true);
    expect(cni('CHECK').status).toBe(0);
    expect(cni('DEL')).toMatchObject({ status: 0, stdout: '' });
    expect(command('list')).toMatchObject({ status: 0, stdout: '' });
    expect(cni('DEL').status).toBe(0);
    expect(cni('CHECK').status).toBe(1);
  });

  it('a guest of libvirt is an instance while it runs', () => {
    const guests = mkdtempSync(join(tmpdir(), 'rampart-guests-'));
    writeFileSync(join(guests, 'vm1'), `account=${account}\ngroups=web,default\naddress=10.0.1.20\n`);
    const hook = (guest: string, operation: string) =>
      onHost([join(process.cwd(), 'deploy', 'libvirt', 'qemu'), guest, operation, 'begin', '-'], {
        input: "<domain>\n <interface type='ethernet'>\n  <target dev='vnet7'/>\n </interface>\n</domain>",
        RAMPART_GUESTS: guests,
      }).status;
    expect(hook('vm1', 'started')).toBe(0);
    expect(command('list').stdout).toMatch(/^INSTANCE\ti-[0-9a-f]+\tvnet7\t10\.0\.1\.20,/);
    expect(hook('vm2', 'started')).toBe(0);
    expect(hook('vm1', 'release')).toBe(0);
    expect(command('list').stdout).toBe('');
  });

  it('an instance keeps its groups, its addresses and its connections behind another interface', async () => {
    const answer = await plant.ask({ type: 'LaunchInstances', groups: ['web'], host: 'host-1', wait: 10 });
    const [launched] = answer?.events ?? [];
    if (launched?.type !== 'InstanceLaunched') throw new Error('nothing was launched');
    const { instance } = launched;
    const [address] = instance.addresses as [IpAddress];
    await plant.fleet.attach([instance]);
    using _echo = new Echo(plant.fleet.namespaceOf(instance), [80, 81]);
    const passes = (port: number) => reaches(internet(), address, { protocol: 'tcp', port });
    await vi.waitUntil(() => passes(80), { timeout: 10_000 });
    using connection = await Conversation.open(internet(), address, 80);

    onHost(['ip', 'link', 'set', instance.interfaceName, 'name', 'vnet8']);
    expect(await passes(80), 'a managed interface of nobody').toBe(false);
    const said = `INSTANCE\t${instance.instanceId}\tvnet8\t${instance.addresses.join()}\n`;
    const attach = `attach --instance ${instance.instanceId} --interface`;
    expect(command(`${attach} vnet8`)).toEqual({ status: 0, stdout: said, stderr: '' });
    expect(await connection.hears('by another way')).toBe(true);
    expect([await passes(80), await passes(81)]).toEqual([true, false]);

    expect(command(`${attach} vnet8`), 'there already').toMatchObject({ status: 0, stdout: said });
    expect(command('attach --account 111122223333 --interface vnet9').status).toBe(0);
    expect(command(`${attach} vnet9`).stderr).toContain('The interface vnet9 is taken on host-1');
    for (const name of ['vnet8', 'vnet9']) expect(command(`detach --interface ${name}`).status).toBe(0);
    expect(command(`${attach} vnet8`).stderr).toContain(instance.instanceId);
  });

  it.each<[string, string, number, RegExp]>([
    [
      'an interface that is not managed',
      'attach --account 111122223333 --interface eth7',
      1,
      /RAMPART_INTERFACES/,
    ],
    [
      'a group that is not there',
      'attach --account 111122223333 --group no --interface vnet1',
      1,
      /'no' does not/,
    ],
    ['no interface', 'attach --account 111122223333', 2, /--interface: name[^]*usage:/],
    ['no account', 'attach --account mine --interface vnet1', 2, /12 digits/],
    [
      'an instance that is not here',
      'attach --instance i-00000009 --interface vnet1',
      1,
      /i-00000009 is not on host-1/,
    ],
    [
      'other groups',
      'attach --instance i-00000009 --interface vnet1 --group db',
      2,
      /--group: an instance keeps/,
    ],
    ['nobody to detach', 'detach --interface vnet9', 1, /no instance here/],
    ['an unknown flag', 'list --all', 2, /usage:/],
    ['an unknown command', 'forget', 2, /usage:/],
  ])('refuses %s, with the fix', (_what, line, status, says) => {
    const outcome = command(line);
    expect(outcome.status).toBe(status);
    expect(outcome.stderr).toMatch(says);
  });

  it('says how the host is, to its owner only', () => {
    expect(command('status')).toMatchObject({ status: 0, stdout: 'HOST\thost-1\tenforced\n' });
    expect(statSync(plant.socketOf('host-1')).mode & 0o777).toBe(0o600);
    const elsewhere = onHost(['rampart-agent', 'status'], { RAMPART_AGENT_SOCKET: '/nowhere' });
    expect(elsewhere).toMatchObject({ status: 1 });
    expect(elsewhere.stderr).toContain('no agent answers at /nowhere');
  });
});

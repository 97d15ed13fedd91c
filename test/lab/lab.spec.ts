import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../../apps/lab/src/process-mark.js';
import { Lab, labNamespaces } from './support/lab.js';
import { noKernel } from './support/namespace.js';

const machineLinks = (): string => execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' });

describe.skipIf(noKernel)(`the lab${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  let lab: Lab;
  const linksBefore = machineLinks();

  beforeAll(async () => {
    lab = await Lab.up();
  });
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  it('has the machines of the story, by their fixed names', async () => {
    const { hosts, instances, clients, ready } = lab.status();
    expect(ready).toBe(true);
    const place = instances.map(({ name, host, namespace }) => [name, host, namespace]);
    expect(hosts.map(({ name, namespace }) => [name, namespace])).toEqual([
      ['host-1', 'rampart-host-1'],
      ['host-2', 'rampart-host-2'],
    ]);
    expect(new Set(place.map(String))).toEqual(
      new Set([
        'apache-1,host-1,rampart-apache-1',
        'apache-2,host-2,rampart-apache-2',
        'mysql-1,host-2,rampart-mysql-1',
      ]),
    );
    expect(clients).toMatchObject([{ name: 'internet', address: '198.51.100.10' }]);
    const shown = JSON.parse((await lab.run('status', '--json')).stdout) as unknown;
    expect(shown).toEqual(lab.status());
  });

  it.each<[from: string, to: string, what: string, arrives: boolean]>([
    ['internet', 'apache-1', 'tcp/80', true],
    ['internet', 'apache-2', 'icmp', true],
    ['internet', 'apache-1', 'tcp/22', false],
    ['internet', 'mysql-1', 'tcp/3306', false],
    ['apache-1', 'mysql-1', 'tcp/3306', true],
    ['apache-2', 'mysql-1', 'tcp/3306', true],
    ['apache-1', 'mysql-1', 'udp/3306', false],
    ['apache-1', 'mysql-1', 'icmp', false],
    ['mysql-1', 'apache-1', 'tcp/80', true],
    ['mysql-1', 'internet', 'udp/53', true],
  ])('%s to %s on %s: %s', async (from, to, what, arrives) => {
    expect(await lab.tries(from, to, what)).toBe(arrives);
  });

  it('runs commands on its machines, and passes on how they ended', async () => {
    const address = lab.status().instances.find(({ name }) => name === 'apache-1')?.address;
    const fetching = `process.stdout.write(await (await fetch('http://${address}/')).text())`;
    const page = await lab.exec('internet', process.execPath, '--input-type=module', '-e', fetching);
    expect(page.stdout).toBe('apache-1 says hello to 198.51.100.10\n');
    expect((await lab.exec('mysql-1', 'sh', '-c', 'exit 7')).status).toBe(7);
    expect((await lab.exec('host-1', 'sh', '-c', 'kill -9 $$')).status).toBe(137);
    expect((await lab.exec('fabric', 'true')).status).toBe(0);
    expect((await lab.exec('nobody', 'true')).stderr).toContain('nothing here is called nobody');
  });

  it('gives a new instance a namespace by itself, and takes it away with the instance', async () => {
    const launched = await lab.verb('ec2-run-instances', 'ami-12345678', '-g', 'Apache', '--wait');
    const id = /^INSTANCE\t(i-[0-9a-f]+)/m.exec(launched)?.[1] ?? '';
    expect(await lab.tries(id, 'mysql-1', 'tcp/3306')).toBe(true);
    expect(await lab.tries('internet', id, 'tcp/80')).toBe(true);
    expect(labNamespaces()).toContain(`rampart-${id}`);
    await lab.verb('ec2-terminate-instances', id, '--wait');
    await expect.poll(labNamespaces).not.toContain(`rampart-${id}`);
    expect(lab.said()).toMatch(/InstanceTerminated {2}.* 2\/2 hosts {2}[0-9.]+ ms/);
  });

  it('makes room for the instances of a second account too', async () => {
    const other = `export AWS_ACCESS_KEY_ID="$RAMPART_OTHER_ACCESS_KEY_ID" AWS_SECRET_ACCESS_KEY="$RAMPART_OTHER_SECRET_ACCESS_KEY"`;
    const script = `. ${join(lab.directory, '.rampart', 'lab.env')}; ${other}; ec2-run-instances ami-12345678 --wait`;
    const launched = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
    const id = /^INSTANCE\t(i-[0-9a-f]+)/m.exec(launched)?.[1] ?? '';
    expect(await lab.tries(id, 'apache-1', 'tcp/80')).toBe(true);
    expect(await lab.tries('apache-1', id, 'tcp/80')).toBe(false);
  });

  it('starts again what is killed, and loses no request meanwhile', async () => {
    const before = lab.status().processes;
    await lab.run('kill', 'control-plane');
    expect(await lab.verb('ec2-describe-group', 'Apache')).toContain('Apache');
    await lab.run('kill', 'nats-server');
    await lab.run('kill', 'host-2');
    await expect
      .poll(() => lab.status().processes.filter(({ pid }) => !before.some((one) => one.pid === pid)).length)
      .toBe(3);
    expect(await lab.tries('apache-1', 'mysql-1', 'tcp/3306')).toBe(true);
    expect(lab.said()).toContain('! control-plane ended (killed by SIGKILL); starting it again');
    const launched = await lab.verb('ec2-run-instances', 'ami-12345678', '-g', 'Apache', '--wait');
    const id = /^INSTANCE\t(i-[0-9a-f]+)/m.exec(launched)?.[1] ?? '';
    expect(await lab.tries(id, 'mysql-1', 'tcp/3306')).toBe(true);
  });

  it('keeps its secrets to itself', () => {
    const mode = (name: string): number => statSync(join(lab.directory, '.rampart', name)).mode & 0o777;
    expect([mode('lab.env'), mode('access-keys.json')]).toEqual([0o600, 0o600]);
    expect(readFileSync(join(lab.directory, '.rampart', 'lab.json'), 'utf8')).not.toContain('AKIA');
  });

  it('tells a second lab whose turn it is', async () => {
    const here = await lab.again();
    expect(here.status).toBe(1);
    expect(here.stdout).toContain('a lab is running here already');
    await expect(Lab.up()).rejects.toThrow('another lab is running on this machine');
    expect(await lab.tries('internet', 'apache-1', 'tcp/80')).toBe(true);
  });

  it('never touches the machine’s own links', () => {
    expect(machineLinks()).toBe(linksBefore);
  });

  it('cleans up after itself when it was killed, and leaves nothing when it is ended', async () => {
    const killed = lab.status();
    process.kill(killed.lab.pid, 'SIGKILL');
    await expect.poll(() => isAlive(killed.lab)).toBe(false);
    expect(killed.processes.some(isAlive)).toBe(true);
    const again = await lab.again();
    expect(again.stdout).toContain('a lab that was killed has left things behind: cleaning up');
    expect(again.status).toBe(0);
    expect(killed.processes.some(isAlive)).toBe(false);

    const { processes } = lab.status();
    expect((await lab.run('down')).stdout).toBe('the lab is down\n');
    expect(labNamespaces()).toEqual([]);
    expect(processes.some(isAlive)).toBe(false);
    expect(existsSync(join(lab.directory, '.rampart'))).toBe(false);
    expect((await lab.run('down')).stdout).toBe('no lab is running here\n');
    await sleep(100);
    expect(machineLinks()).toBe(linksBefore);
  });
});

describe('the lab without a kernel', () => {
  it('tells what would become of packets, and says that there are none', async () => {
    await using lab = await Lab.up([], { RAMPART_DATAPLANE: 'fake' });
    expect(lab.status().instances.every(({ namespace }) => namespace === null)).toBe(true);
    expect(await lab.tries('internet', 'apache-1', 'tcp/80')).toBe(true);
    expect(await lab.tries('internet', 'mysql-1', 'tcp/3306')).toBe(false);
    expect(await lab.tries('apache-1', 'mysql-1', 'tcp/3306')).toBe(true);
    await lab.verb('ec2-revoke', 'MySQL', '-P', 'tcp', '-p', '3306', '-o', 'Apache', '--wait');
    expect(await lab.tries('apache-1', 'mysql-1', 'tcp/3306')).toBe(false);
    expect((await lab.exec('apache-1', 'true')).stderr).toContain('rampart lab try FROM TO');
    expect(labNamespaces()).toEqual([]);
  });
});

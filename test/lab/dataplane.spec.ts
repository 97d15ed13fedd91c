import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { compile, difference, type Element, type NftSet, type Operation } from '#libs/compiler';
import { addressFromValue } from '#libs/domain';
import { DataplaneError, NetlinkDataplane } from '#libs/nftables';
import { dataplaneContract } from '../../libs/nftables/src/contract/dataplane-contract.js';
import { examplePolicy } from '../../libs/nftables/src/contract/example-policy.js';
import { Namespace, noKernel } from './support/namespace.js';

/** A run that was killed could not delete its namespaces. */
function sweep(): void {
  if (!existsSync('/run/netns')) return;
  for (const name of readdirSync('/run/netns')) {
    const owner = /^rampart-test-([0-9]+)-/.exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) execFileSync('ip', ['netns', 'delete', name]);
  }
}

describe.skipIf(noKernel)(`the kernel${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  sweep();
  const namespace = new Namespace('kernel');
  afterAll(() => namespace[Symbol.dispose]());
  const open = (batchBytes?: number): NetlinkDataplane =>
    new NetlinkDataplane({ netns: namespace.path, ...(batchBytes === undefined ? {} : { batchBytes }) });

  dataplaneContract('the kernel', open);

  const many: NftSet = { name: 'many', key: ['ipv6_addr', 'inet_service'] };
  const addMany = (count: number, port: number): Operation => {
    const elements = Array.from({ length: count }, (_, index): Element => ({
      key: [addressFromValue(6, BigInt(index) << 40n), port],
    }));
    return { type: 'addElements', set: many, elements };
  };
  const begin: readonly Operation[] = [
    { type: 'deleteTable' },
    { type: 'addTable' },
    { type: 'addSet', set: many },
  ];

  it('notices who else changes its table, and nobody who changes another', () => {
    using dataplane = open();
    const nft = (...words: readonly string[]): string => namespace.run('nft', ...words);
    dataplane.commit([...begin, addMany(10, 1)]);
    expect(dataplane.wasTouched()).toBe(true); // nobody can tell yet
    expect(dataplane.wasTouched()).toBe(false);
    nft('add', 'table', 'inet', 'others');
    nft('add', 'chain', 'inet', 'others', 'odd');
    dataplane.commit([addMany(100_000, 2)]);
    expect(dataplane.wasTouched()).toBe(false);
    for (const meddling of ['flush set inet rampart many', 'delete table inet rampart']) {
      nft(meddling);
      expect(dataplane.wasTouched()).toBe(true);
      expect(dataplane.wasTouched()).toBe(false);
    }
    nft('delete', 'table', 'inet', 'others');
  });

  it('splits what is too large for one batch', () => {
    using dataplane = open(100_000);
    expect(dataplane.commit([...begin, ...[1, 2, 3].map((port) => addMany(10_000, port))])).toEqual({
      committed: true,
    });
    expect(dataplane.read()?.sets.get('many')?.elements.size).toBe(30_000);
  });

  it('names what is refused in a later part, and says which operations stay done', () => {
    using dataplane = open(100_000);
    const refused: Operation = { type: 'deleteSet', set: 'nothing' };
    const outcome = dataplane.commit([...begin, addMany(10_000, 1), addMany(10, 2), refused, addMany(10, 3)]);
    expect(outcome).toMatchObject({
      committed: false,
      refused: { index: 5, operation: refused, code: 'ENOENT', done: 4 },
    });
    expect(outcome.committed ? '' : outcome.refused.reason).toContain('4 operations');
    expect(dataplane.read()?.sets.get('many')?.elements.size).toBe(10_000);
  });

  it('takes 100,000 elements in one batch, and reads them all back while their set still grows', () => {
    using dataplane = open();
    expect(dataplane.commit([...begin, addMany(100_000, 80)])).toEqual({ committed: true });
    expect(dataplane.read()?.sets.get('many')?.elements.size).toBe(100_000);
  });

  it.each([
    'flush table inet rampart',
    'insert rule inet rampart judge accept',
    'add rule inet rampart judge accept comment "00000000"',
    'add element inet rampart interfaces { eth7 }',
    'flush set inet rampart interfaces',
    'add set inet rampart theirs { type ipv4_addr; flags interval; }',
    'add chain inet rampart theirs',
    'add chain inet rampart forward { policy drop; }',
    'add table inet rampart { flags dormant; }',
    'delete table inet rampart',
  ])('shows that somebody did "%s", and can be mended', (edit) => {
    using dataplane = open();
    const desired = compile(examplePolicy);
    dataplane.commit([{ type: 'deleteTable' }, ...difference(undefined, desired)]);
    namespace.run('nft', edit);
    const mending = difference(dataplane.read(), desired);
    expect(mending).not.toEqual([]);
    expect(dataplane.commit(mending)).toEqual({ committed: true });
    expect(difference(dataplane.read(), desired)).toEqual([]);
  });

  it('leaves the tables of others alone, and the namespaces of others', () => {
    using other = new Namespace('other');
    namespace.run(
      'nft',
      'add table inet theirs { chain forward { type filter hook forward priority 0; } ; }',
    );
    using here = open();
    using there = new NetlinkDataplane({ netns: other.path });
    here.commit([{ type: 'deleteTable' }, ...difference(undefined, compile(examplePolicy))]);
    const theirs = namespace.run('nft', 'list', 'table', 'inet', 'theirs');
    expect(there.read()).toBeUndefined();
    there.commit([{ type: 'addTable' }]);
    expect(here.read()?.chains.size).toBe(compile(examplePolicy).chains.size);
    here.commit([{ type: 'deleteTable' }]);
    expect(namespace.run('nft', 'list', 'tables').trim()).toBe('table inet theirs');
    expect(namespace.run('nft', 'list', 'table', 'inet', 'theirs')).toBe(theirs);
    expect(other.run('nft', 'list', 'tables').trim()).toBe('table inet rampart');
    namespace.run('nft', 'delete table inet theirs');
  });

  it('reads what is there while others commit to tables of their own', () => {
    using dataplane = open();
    dataplane.commit([...begin, addMany(5000, 80)]);
    const before = dataplane.read();
    const script = 'while :; do nft add table ip noise; nft delete table ip noise; done';
    const noise = spawn('ip', ['netns', 'exec', namespace.name, 'sh', '-c', script], { detached: true });
    try {
      for (let reading = 0; reading < 50; reading++) expect(dataplane.read()).toEqual(before);
    } finally {
      process.kill(-(noise.pid ?? 0), 'SIGKILL');
    }
  });

  it('comes back to its own namespace, also when it can not open the other', () => {
    const own = execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' });
    expect(() => new NetlinkDataplane({ netns: '/run/netns/rampart-test-none' })).toThrow(DataplaneError);
    expect(() => new NetlinkDataplane({ netns: '/proc/self/ns/pid' })).toThrow(/setns/);
    open()[Symbol.dispose]();
    expect(execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' })).toBe(own);
  });

  it('says what is missing when it is not root', () => {
    process.seteuid?.(65534);
    try {
      expect(open).toThrow(/CAP_NET_ADMIN/);
    } finally {
      process.seteuid?.(0);
    }
  });
});

import { afterAll, describe, expect, it } from 'vitest';
import { compile, difference, type Element, type NftSet } from '#libs/compiler';
import { addressFromValue } from '#libs/domain';
import { NetlinkDataplane } from '#libs/nftables';
import { dataplaneContract, examplePolicy } from '../../libs/nftables/src/contract/dataplane-contract.js';
import { Namespace, noKernel } from './support/namespace.js';

interface Listed {
  readonly set?: { readonly name: string; readonly elem?: readonly unknown[] };
  readonly map?: { readonly name: string; readonly elem?: readonly unknown[] };
  readonly chain?: { readonly name: string };
  readonly rule?: { readonly chain: string; readonly comment: string };
}

describe.skipIf(noKernel)(`the kernel${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  const namespace = new Namespace('kernel');
  afterAll(() => namespace[Symbol.dispose]());

  dataplaneContract('the kernel', () => new NetlinkDataplane({ netns: namespace.path }));

  const listed = (): readonly Listed[] =>
    (JSON.parse(namespace.run('nft', '-j', 'list', 'table', 'inet', 'rampart')) as { nftables: Listed[] })
      .nftables;

  it('holds what nft says it holds', () => {
    using dataplane = new NetlinkDataplane({ netns: namespace.path });
    const desired = compile(examplePolicy);
    dataplane.commit([{ type: 'deleteTable' }, ...difference(undefined, desired)]);
    const all = listed();
    for (const { set, elements } of desired.sets.values()) {
      const found = all.map((one) => one.set ?? one.map).find((one) => one?.name === set.name);
      expect(found?.elem?.map(elementFrom) ?? []).toHaveLength(elements.size);
      expect(new Set(found?.elem?.map(elementFrom))).toEqual(new Set([...elements.values()].map(expected)));
    }
    const chains = all.flatMap(({ chain }) => chain?.name ?? []);
    expect(new Set(chains)).toEqual(new Set(desired.chains.keys()));
    expect(all.filter(({ rule }) => rule)).toHaveLength(
      [...desired.chains.values()].reduce((sum, { statements }) => sum + statements.length, 0),
    );
    const text = namespace.run('nft', 'list', 'table', 'inet', 'rampart');
    expect(text).toContain('iifname "ri-*" iifname != @interfaces drop');
    expect(text).toContain('meta mark set iifname map @groups_1 jump egress');
    expect(text).toContain('type filter hook forward priority filter + 10; policy accept;');
    expect(text).toMatch(
      /meta mark \. ct original ip saddr \. .*proto-dst & 0xff00.* @ingress_ip_32_icmp_8 goto permit/,
    );
  });

  it('splits what is too large for one batch, and names what is refused in a later part', () => {
    using dataplane = new NetlinkDataplane({ netns: namespace.path, batchBytes: 100_000 });
    const set: NftSet = { name: 'many', key: ['ipv4_addr', 'inet_service'] };
    const part = (start: number): Element[] =>
      Array.from({ length: 10_000 }, (_, index) => ({ key: [`10.0.${index >> 8}.${index & 255}`, start] }));
    const adds = [1, 2, 3].map((start) => ({ type: 'addElements', set, elements: part(start) }) as const);
    const outcome = dataplane.commit([
      { type: 'deleteTable' },
      { type: 'addTable' },
      { type: 'addSet', set },
      ...adds,
      { type: 'deleteSet', set: 'nothing' },
    ]);
    expect(outcome).toMatchObject({ committed: false, refused: { index: 6, code: 'ENOENT' } });
    expect(dataplane.read()?.sets.get('many')?.elements.size).toBe(30_000);
  });

  it('takes 100,000 elements in one batch', () => {
    using dataplane = new NetlinkDataplane({ netns: namespace.path });
    const set: NftSet = { name: 'many', key: ['ipv6_addr', 'inet_service'] };
    const elements = Array.from({ length: 100_000 }, (_, index) => ({
      key: [addressFromValue(6, BigInt(index)), 80],
    }));
    const all = [{ type: 'deleteTable' }, { type: 'addTable' }, { type: 'addSet', set }] as const;
    expect(dataplane.commit([...all, { type: 'addElements', set, elements }])).toEqual({ committed: true });
    expect(dataplane.read()?.sets.get('many')?.elements.size).toBe(100_000);
  });

  it('leaves the tables of others alone, and the namespaces of others', () => {
    using other = new Namespace('other');
    namespace.run(
      'nft',
      'add table inet theirs { chain forward { type filter hook forward priority 0; } ; }',
    );
    using here = new NetlinkDataplane({ netns: namespace.path });
    using there = new NetlinkDataplane({ netns: other.path });
    here.commit([{ type: 'deleteTable' }, ...difference(undefined, compile(examplePolicy))]);
    expect(there.read()).toBeUndefined();
    there.commit([{ type: 'addTable' }]);
    here.commit([{ type: 'deleteTable' }]);
    expect(namespace.run('nft', 'list', 'tables').trim()).toBe('table inet theirs');
    expect(other.run('nft', 'list', 'tables').trim()).toBe('table inet rampart');
  });
});

/** nft shows names and ports as numbers or names; compared as text, part by part. */
function elementFrom(element: unknown): string {
  if (Array.isArray(element)) return `${elementFrom(element[0])} : ${number(element[1])}`;
  if (typeof element === 'object' && element && 'concat' in element)
    return (element.concat as unknown[]).map(part).join(' . ');
  return part(element);
}

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, esp: 50, 'ipv6-icmp': 58 };
const part = (value: unknown): string => String(PROTOCOLS[String(value)] ?? number(value));
/** Class ids are listed as `major:minor` in hex. */
const number = (value: unknown): string => {
  const text = String(value);
  const [, major, minor] = /^([0-9a-f]*):([0-9a-f]+)$/.exec(text) ?? [];
  return minor !== undefined && !text.includes('::')
    ? String(parseInt(major || '0', 16) * 65536 + parseInt(minor, 16))
    : text;
};

const expected = ({ key, value }: Element): string =>
  key.join(' . ') + (value === undefined ? '' : ` : ${value}`);

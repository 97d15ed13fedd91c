import { afterAll, describe, expect, it } from 'vitest';
import {
  compile,
  difference,
  fingerprintOf,
  type Element,
  type Field,
  type NftSet,
  type Operand,
  type Operation,
  type Statement,
} from '#libs/compiler';
import { addressFromValue } from '#libs/domain';
import { NetlinkDataplane } from '#libs/nftables';
import { examplePolicy } from '../../libs/nftables/src/contract/example-policy.js';
import { rules } from '../../libs/nftables/src/contract/example-table.js';
import { Namespace, noKernel } from './support/namespace.js';
import { expectListed, listed } from './support/nft-listing.js';

const SETS: readonly NftSet[] = [
  { name: 'interfaces', key: ['ifname'] },
  { name: 'sources', key: ['ifname', 'ipv4_addr'] },
  { name: 'slot', key: ['ifname'], value: 'mark' },
  { name: 'members', key: ['ipv4_addr'], value: 'classid' },
  { name: 'members6', key: ['ipv6_addr'], value: 'classid' },
  { name: 'ports', key: ['mark', 'ipv4_addr', 'inet_proto', 'inet_service'] },
  { name: 'ports6', key: ['mark', 'ipv6_addr', 'inet_proto', 'inet_service'] },
  { name: 'groups', key: ['mark', 'classid', 'inet_proto', 'inet_service'] },
];

const load = (field: Field, mask?: string | number): Operand =>
  mask === undefined ? { field } : { field, mask: mask as never };
const DROP = { verdict: 'drop' } as const;

/** Each kind of expression, operand and mask, and how nft shows it. */
const STATEMENTS: readonly (readonly [text: string, statement: Statement])[] = [
  [
    'iifname "ri-*" iifname != @interfaces drop',
    [
      { match: load('iifname'), equals: 'ri-*' },
      { lookup: [load('iifname')], set: 'interfaces', negate: true },
      DROP,
    ],
  ],
  [
    'oifname != "ri-1" return',
    [{ match: load('oifname'), equals: 'ri-1', negate: true }, { verdict: 'return' }],
  ],
  [
    'icmpv6 type nd-router-solicit accept',
    [
      { match: load('l4proto'), equals: 58 },
      { match: load('th type-code', 0xff00), equals: 133 << 8 },
      { verdict: 'accept' },
    ],
  ],
  [
    'ct state & new == new tcp flags != syn / fin,syn,rst,ack drop',
    [
      { match: load('l4proto'), equals: 6 },
      { match: load('ct state', 8), equals: 8 },
      { match: load('tcp flags', 0x17), equals: 2, negate: true },
      DROP,
    ],
  ],
  [
    'ct direction reply goto other',
    [{ match: load('ct direction'), equals: 1 }, { verdict: { goto: 'other' } }],
  ],
  [
    'meta mark 0x00000007 meta priority 1:7 jump other',
    [
      { match: load('mark'), equals: 7 },
      { match: load('priority'), equals: 0x10007 },
      { verdict: { jump: 'other' } },
    ],
  ],
  ['ip saddr 10.0.0.1 drop', [{ match: load('ip saddr'), equals: '10.0.0.1' }, DROP]],
  ['ip daddr 10.0.0.0/16 drop', [{ match: load('ip daddr', '255.255.0.0'), equals: '10.0.0.0' }, DROP]],
  ['ip6 saddr fd00::/16 drop', [{ match: load('ip6 saddr', 'ffff::'), equals: 'fd00::' }, DROP]],
  ['ip6 daddr fd00::1 drop', [{ match: load('ip6 daddr'), equals: 'fd00::1' }, DROP]],
  [
    'iifname . ip saddr @sources drop',
    [{ lookup: [load('iifname'), load('ip saddr')], set: 'sources' }, DROP],
  ],
  [
    'meta mark set iifname map @slot jump other',
    [{ assign: 'mark', key: [load('iifname')], map: 'slot' }, { verdict: { jump: 'other' } }],
  ],
  [
    'meta priority set ct original ip saddr map @members drop',
    [{ assign: 'priority', key: [load('ct original ip saddr')], map: 'members' }, DROP],
  ],
  [
    'meta priority set ct reply ip6 saddr map @members6 drop',
    [{ assign: 'priority', key: [load('ct reply ip6 saddr')], map: 'members6' }, DROP],
  ],
  [
    'meta mark set 0x00000000 meta priority set none drop',
    [{ assign: 'mark', constant: 0 }, { assign: 'priority', constant: 0 }, DROP],
  ],
  [
    'meta mark . ct reply ip saddr & 255.255.0.0 . ct protocol . ct reply proto-src & 0xff00 [invalid type] @ports drop',
    [
      {
        lookup: [
          load('mark'),
          load('ct reply ip saddr', '255.255.0.0'),
          load('ct original protocol'),
          load('ct reply proto-src', 0xff00),
        ],
        set: 'ports',
      },
      DROP,
    ],
  ],
  [
    'meta mark . ct original ip6 saddr & ffff:ffff:: . ct protocol . ct original proto-dst @ports6 drop',
    [
      {
        lookup: [
          load('mark'),
          load('ct original ip6 saddr', 'ffff:ffff::'),
          load('ct original protocol'),
          load('ct original proto-dst'),
        ],
        set: 'ports6',
      },
      DROP,
    ],
  ],
  [
    'meta mark . meta priority . ct protocol . ct reply proto-src @groups drop',
    [
      {
        lookup: [load('mark'), load('priority'), load('ct original protocol'), load('ct reply proto-src')],
        set: 'groups',
      },
      DROP,
    ],
  ],
  [
    'meta mark . ip6 saddr & ffff:: . meta l4proto . th sport @ports6 drop',
    [
      {
        lookup: [load('mark'), load('ip6 saddr', 'ffff::'), load('l4proto'), load('th type-code')],
        set: 'ports6',
      },
      DROP,
    ],
  ],
];

/** `nft` reads the kernel with code of its own, so what it shows is what the kernel holds. */
describe.skipIf(noKernel)(`nft's listing${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  const namespace = new Namespace('listing');
  afterAll(() => namespace[Symbol.dispose]());

  const build = (...operations: readonly Operation[]): void => {
    using dataplane = new NetlinkDataplane({ netns: namespace.path });
    expect(dataplane.commit([{ type: 'deleteTable' }, { type: 'addTable' }, ...operations])).toEqual({
      committed: true,
    });
  };
  const addSets = SETS.map((set): Operation => ({ type: 'addSet', set }));
  const list = (): string => namespace.run('nft', 'list', 'table', 'inet', 'rampart');

  it.each(STATEMENTS)('shows %s', (text, statement) => {
    const chains = ['shown', 'other'].map((name): Operation => ({ type: 'addChain', chain: { name } }));
    build(...addSets, ...chains, rules('shown', statement));
    expect(list()).toContain(`\n\t\t${text} comment "${fingerprintOf(statement)}"\n`);
  });

  it.each([
    ['forward', 10, 'accept', 'type filter hook forward priority filter + 10; policy accept;'],
    ['input', -5, 'drop', 'type filter hook input priority filter - 5; policy drop;'],
    ['output', -300, 'drop', 'type filter hook output priority raw; policy drop;'],
  ] as const)('shows a base chain at %s %i, policy %s', (hook, priority, policy, text) => {
    build({ type: 'addChain', chain: { name: 'base', base: { hook, priority, policy } } });
    expect(list()).toContain(text);
  });

  it('shows sets, maps, chains and as many rules as were compiled', () => {
    const desired = compile(examplePolicy);
    build(...difference(undefined, desired));
    expectListed(listed(namespace), desired);
  });

  it('shows all of 100,000 elements', () => {
    const set: NftSet = { name: 'many', key: ['mark', 'ipv6_addr', 'inet_proto', 'inet_service'] };
    const elements = Array.from({ length: 100_000 }, (_, index): Element => ({
      key: [index, addressFromValue(6, BigInt(index) << 64n), 6, index % 65536],
    }));
    build({ type: 'addSet', set }, { type: 'addElements', set, elements });
    const contents = new Map(elements.map((element) => [element.key.join(' . '), element]));
    expectListed(listed(namespace), {
      sets: new Map([['many', { set, elements: contents }]]),
      chains: new Map(),
    });
  });
});

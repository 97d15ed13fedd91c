import { describe, expect, it } from 'vitest';
import {
  compilationOf,
  compile,
  difference,
  fingerprintOf,
  keyText,
  type Element,
  type HeldTable,
  type HostPolicy,
  type NftSet,
  type Operation,
  type Ruleset,
  type Statement,
} from '#libs/compiler';
import type { Dataplane } from '../dataplane.js';

const ports: NftSet = { name: 'ports', key: ['mark', 'ipv4_addr', 'inet_proto', 'inet_service'] };
const slot: NftSet = { name: 'slot', key: ['ifname'], value: 'mark' };
const goto = (chain: string): Statement => [{ verdict: { goto: chain } }];
const lookUp: Statement = [
  {
    lookup: [
      { field: 'mark' },
      { field: 'ct original ip saddr', mask: '255.255.0.0' as never },
      { field: 'ct original protocol' },
      { field: 'ct reply proto-src', mask: 0xff00 },
    ],
    set: 'ports',
  },
  { verdict: 'accept' },
];

const table: readonly Operation[] = [
  { type: 'addTable' },
  { type: 'addSet', set: ports },
  { type: 'addSet', set: slot },
  { type: 'addChain', chain: { name: 'check' } },
  { type: 'addChain', chain: { name: 'forward', base: { hook: 'forward', priority: 10, policy: 'accept' } } },
  { type: 'replaceRules', chain: { name: 'check', statements: [lookUp] } },
  { type: 'replaceRules', chain: { name: 'forward', statements: [goto('check')] } },
  { type: 'addElements', set: slot, elements: [{ key: ['ri-1'], value: 7 }] },
  { type: 'addElements', set: ports, elements: [{ key: [7, '10.1.0.0', 6, 80] }] },
];

const held = ({ sets, chains }: Ruleset): HeldTable => ({
  sets,
  chains: new Map(
    chains
      .entries()
      .map(([name, { statements, ...chain }]) => [
        name,
        { ...chain, fingerprints: statements.map(fingerprintOf) },
      ]),
  ),
});

/** What every dataplane promises. `open` gives one without a table. */
export function dataplaneContract(adapter: string, open: () => Dataplane): void {
  const opened = (): Dataplane => {
    const dataplane = open();
    expect(dataplane.commit([{ type: 'deleteTable' }, ...table])).toEqual({ committed: true });
    return dataplane;
  };
  const elementsOf = (dataplane: Dataplane, set: NftSet): readonly Element[] => [
    ...(dataplane.read()?.sets.get(set.name)?.elements.values() ?? []),
  ];

  describe(`${adapter} keeps the Dataplane contract`, () => {
    it('holds nothing before the first commit, and nothing after the table is deleted', () => {
      using dataplane = open();
      expect(dataplane.commit([{ type: 'deleteTable' }])).toEqual({ committed: true });
      expect(dataplane.read()).toBeUndefined();
    });

    it('reads back what was committed', () => {
      using dataplane = opened();
      const read = dataplane.read();
      expect(read?.sets.get('slot')).toEqual({
        set: slot,
        elements: new Map([['ri-1', { key: ['ri-1'], value: 7 }]]),
      });
      expect(elementsOf(dataplane, ports)).toEqual([{ key: [7, '10.1.0.0', 6, 80] }]);
      expect(read?.chains.get('forward')).toEqual({
        name: 'forward',
        base: { hook: 'forward', priority: 10, policy: 'accept' },
        fingerprints: [fingerprintOf(goto('check'))],
      });
    });

    it.each<[string, string, Operation]>([
      ['a set that is not there', 'ENOENT', { type: 'deleteSet', set: 'nothing' }],
      [
        'an element of no set',
        'ENOENT',
        { type: 'addElements', set: { ...ports, name: 'no' }, elements: [{ key: [1, '10.0.0.0', 6, 1] }] },
      ],
      [
        'an element that is not there',
        'ENOENT',
        { type: 'deleteElements', set: slot, elements: [{ key: ['ri-9'], value: 1 }] },
      ],
      [
        'another value for a key',
        'EEXIST',
        { type: 'addElements', set: slot, elements: [{ key: ['ri-1'], value: 8 }] },
      ],
      ['a set of another type', 'EEXIST', { type: 'addSet', set: { ...slot, key: ['ipv4_addr'] } }],
      ['a set in use', 'EBUSY', { type: 'deleteSet', set: 'ports' }],
      ['a chain in use', 'EBUSY', { type: 'deleteChain', chain: 'check' }],
      [
        'a rule that looks up no set',
        'ENOENT',
        {
          type: 'replaceRules',
          chain: { name: 'check', statements: [[{ lookup: [{ field: 'iifname' }], set: 'no' }]] },
        },
      ],
      [
        'a jump to nowhere',
        'ENOENT',
        { type: 'replaceRules', chain: { name: 'check', statements: [goto('no')] } },
      ],
      [
        'a jump in a circle',
        'EMLINK',
        { type: 'replaceRules', chain: { name: 'check', statements: [goto('check')] } },
      ],
    ])('refuses %s with %s, and then does nothing of the transaction', (_what, code, operation) => {
      using dataplane = opened();
      const before = dataplane.read();
      const fine: Operation = { type: 'addElements', set: slot, elements: [{ key: ['ri-2'], value: 1 }] };
      const outcome = dataplane.commit([
        fine,
        operation,
        { ...fine, elements: [{ key: ['ri-3'], value: 1 }] },
      ]);
      expect(outcome).toMatchObject({ committed: false, refused: { index: 1, operation, code } });
      expect(dataplane.read()).toEqual(before);
    });

    it('lets a key be added again, and be given another value by deleting it first', () => {
      using dataplane = opened();
      const again: Operation = { type: 'addElements', set: slot, elements: [{ key: ['ri-1'], value: 7 }] };
      expect(dataplane.commit([again, again])).toEqual({ committed: true });
      const other = [{ key: ['ri-1'], value: 8 }];
      const replace: Operation[] = [
        { type: 'deleteElements', set: slot, elements: [{ key: ['ri-1'], value: 7 }] },
        { type: 'addElements', set: slot, elements: other },
      ];
      expect(dataplane.commit(replace)).toEqual({ committed: true });
      expect(elementsOf(dataplane, slot)).toEqual(other);
    });

    it('replaces all rules of a chain', () => {
      using dataplane = opened();
      const statements: Statement[] = [
        [{ match: { field: 'iifname' }, equals: 'ri-*' }, { verdict: 'drop' }],
        lookUp,
      ];
      dataplane.commit([{ type: 'replaceRules', chain: { name: 'check', statements } }]);
      expect(dataplane.read()?.chains.get('check')?.fingerprints).toEqual(statements.map(fingerprintOf));
    });

    it('takes 20,000 elements in one transaction', () => {
      using dataplane = opened();
      const elements = Array.from({ length: 20_000 }, (_, index) => ({
        key: [index, `10.${index % 250}.${(index >> 8) % 250}.0`, 6, index],
      }));
      expect(dataplane.commit([{ type: 'addElements', set: ports, elements }])).toEqual({ committed: true });
      expect(elementsOf(dataplane, ports)).toHaveLength(20_001);
      expect(dataplane.commit([{ type: 'deleteElements', set: ports, elements }])).toEqual({
        committed: true,
      });
    });

    it('holds a compiled policy, and finds nothing to do on it', () => {
      using dataplane = open();
      const desired = compile(examplePolicy);
      dataplane.commit([{ type: 'deleteTable' }]);
      expect(dataplane.commit(difference(undefined, desired))).toEqual({ committed: true });
      const read = dataplane.read();
      expect(read).toEqual(held(desired));
      expect(difference(read, desired)).toEqual([]);
    });

    it('follows a policy change by change', () => {
      using dataplane = open();
      const compilation = compilationOf({ ...examplePolicy, rules: new Map() });
      dataplane.commit([{ type: 'deleteTable' }, ...difference(undefined, compilation.ruleset())]);
      for (const rule of examplePolicy.rules.values()) {
        compilation.authorize(rule);
        expect(dataplane.commit(compilation.take())).toEqual({ committed: true });
      }
      expect(dataplane.read()).toEqual(held(compile(examplePolicy)));
      for (const rule of examplePolicy.rules.values()) {
        compilation.revoke(rule);
        expect(dataplane.commit(compilation.take())).toEqual({ committed: true });
      }
      expect([...(dataplane.read()?.sets.keys() ?? [])].map((name) => keyText([name]))).not.toContain(
        'ports',
      );
    });
  });
}

const group = (number: number) => ({ groupId: `sg-0000000${number}`, number }) as never;

/** Every kind of rule, both families, several groups. */
export const examplePolicy: HostPolicy = {
  instances: new Map([
    [
      'i-1',
      {
        instanceId: 'i-1',
        interfaceName: 'ri-0a1b2c3d4e5f',
        addresses: ['10.0.0.4', 'fd00::4'],
        groups: [group(1), group(3)],
      },
    ],
  ]) as never,
  rules: new Map(
    (
      [
        ['ingress', { kind: 'all' }, { kind: 'group', groupId: 'sg-00000001', number: 1 }],
        ['egress', { kind: 'all' }, { kind: 'cidr', cidr: '0.0.0.0/0' }],
        ['egress', { kind: 'all' }, { kind: 'cidr', cidr: '::/0' }],
        ['ingress', { kind: 'ports', protocol: 6, from: 80, to: 80 }, { kind: 'cidr', cidr: '0.0.0.0/0' }],
        [
          'ingress',
          { kind: 'ports', protocol: 17, from: 1000, to: 70 * 256 },
          { kind: 'cidr', cidr: '10.0.0.0/9' },
        ],
        [
          'ingress',
          { kind: 'ports', protocol: 6, from: 3306, to: 3306 },
          { kind: 'group', groupId: 'sg-00000002', number: 2 },
        ],
        ['ingress', { kind: 'icmp', protocol: 1, type: 8 }, { kind: 'cidr', cidr: '192.0.2.1/32' }],
        [
          'ingress',
          { kind: 'icmp', protocol: 58, type: 128, code: 0 },
          { kind: 'cidr', cidr: '2001:db8::/32' },
        ],
        ['ingress', { kind: 'protocol', protocol: 50 }, { kind: 'cidr', cidr: '2001:db8::1/128' }],
      ] as const
    ).map(([direction, traffic, peer], index) => [
      `sgr-${index}`,
      { ruleId: `sgr-${index}`, group: group(1), direction, traffic, peer },
    ]),
  ) as never,
  members: new Map([
    ['sg-00000001', { number: 1, addresses: new Set(['10.0.0.4', 'fd00::4']) }],
    ['sg-00000002', { number: 2, addresses: new Set(['10.0.0.4', '10.0.1.9']) }],
  ]) as never,
};

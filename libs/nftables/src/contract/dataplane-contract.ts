import { describe, expect, it } from 'vitest';
import {
  compilationOf,
  compile,
  difference,
  fingerprintOf,
  type DataType,
  type Element,
  type NftSet,
  type Operation,
  type Statement,
} from '#libs/compiler';
import { addressFromValue } from '#libs/domain';
import { heldBy } from '../../../compiler/src/testing/apply.js';
import { DataplaneError, type Dataplane } from '../dataplane.js';
import { examplePolicy } from './example-policy.js';
import { EXAMPLE_TABLE, goto, LOOK_UP, PORTS, rules, SLOT } from './example-table.js';
import { REFUSALS } from './refusals.js';

/** What every dataplane promises. `open` gives one whose table the suite may have. */
export function dataplaneContract(adapter: string, open: () => Dataplane): void {
  const opened = (): Dataplane => {
    const dataplane = open();
    expect(dataplane.commit([{ type: 'deleteTable' }, ...EXAMPLE_TABLE])).toEqual({ committed: true });
    return dataplane;
  };
  const elementsOf = (dataplane: Dataplane, set: NftSet): readonly Element[] => [
    ...(dataplane.read()?.sets.get(set.name)?.elements.values() ?? []),
  ];

  describe(`${adapter} keeps the Dataplane contract`, () => {
    it('holds nothing after the table is deleted, and deletes no table without complaint', () => {
      using dataplane = opened();
      expect(dataplane.commit([{ type: 'deleteTable' }])).toEqual({ committed: true });
      expect(dataplane.read()).toBeUndefined();
      expect(dataplane.commit([{ type: 'deleteTable' }])).toEqual({ committed: true });
    });

    it('does not take its own changes for somebody else’s', () => {
      using dataplane = opened();
      dataplane.wasTouched(); // begins the watching
      dataplane.commit([{ type: 'addElements', set: SLOT, elements: [{ key: ['ri-2'], value: 8 }] }]);
      expect(dataplane.wasTouched()).toBe(false);
    });

    it('does nothing when asked for nothing', () => {
      using dataplane = opened();
      const before = dataplane.read();
      expect(dataplane.commit([])).toEqual({ committed: true });
      const nothing: Operation = { type: 'addElements', set: SLOT, elements: [] };
      expect(dataplane.commit([nothing])).toEqual({ committed: true });
      expect(dataplane.read()).toEqual(before);
    });

    it('reads back what was committed', () => {
      using dataplane = opened();
      const read = dataplane.read();
      expect(read?.sets.get('slot')).toEqual({
        set: SLOT,
        elements: new Map([['ri-1', { key: ['ri-1'], value: 7 }]]),
      });
      expect(elementsOf(dataplane, PORTS)).toEqual([{ key: [7, '10.1.0.0', 6, 80] }]);
      expect(read?.chains.get('forward')).toEqual({
        name: 'forward',
        base: { hook: 'forward', priority: 10, policy: 'accept' },
        fingerprints: [fingerprintOf(goto('check'))],
      });
    });

    it.each(REFUSALS)(
      'refuses %s with %s, and then does nothing of the transaction',
      (_what, code, operation) => {
        using dataplane = opened();
        const before = dataplane.read();
        const fine: Operation = { type: 'addElements', set: SLOT, elements: [{ key: ['ri-2'], value: 1 }] };
        const also: Operation = { type: 'addElements', set: SLOT, elements: [{ key: ['ri-3'], value: 1 }] };
        const outcome = dataplane.commit([fine, operation, also]);
        expect(outcome).toMatchObject({ committed: false, refused: { index: 1, operation, done: 0 } });
        expect(outcome.committed ? '' : outcome.refused.code).toMatch(code);
        expect(dataplane.read()).toEqual(before);
      },
    );

    it('names the one element that is refused, among thousands', () => {
      using dataplane = opened();
      const elements = Array.from({ length: 3000 }, (_, index) => ({ key: [`ri-${index}`], value: index }));
      const outcome = dataplane.commit([{ type: 'addElements', set: SLOT, elements: elements.toReversed() }]);
      const element = { key: ['ri-1'], value: 1 };
      expect(outcome).toMatchObject({ committed: false, refused: { index: 0, code: 'EEXIST', element } });
      expect(outcome.committed ? '' : outcome.refused.reason).toContain(
        'add element inet rampart slot { ri-1 : 1 }: EEXIST',
      );
      expect(elementsOf(dataplane, SLOT)).toEqual([{ key: ['ri-1'], value: 7 }]);
    });

    it('names the first of several operations that are refused', () => {
      using dataplane = opened();
      const missing = (set: string): Operation => ({ type: 'deleteSet', set });
      const outcome = dataplane.commit([{ type: 'addTable' }, missing('a'), missing('b')]);
      expect(outcome).toMatchObject({ committed: false, refused: { index: 1, operation: missing('a') } });
      expect(dataplane.commit([{ type: 'addTable' }])).toEqual({ committed: true });
    });

    it('lets a key be added again, and be given another value by deleting it first', () => {
      using dataplane = opened();
      const again: Operation = { type: 'addElements', set: SLOT, elements: [{ key: ['ri-1'], value: 7 }] };
      expect(dataplane.commit([again, again])).toEqual({ committed: true });
      const other = [{ key: ['ri-1'], value: 8 }];
      const replace: Operation[] = [
        { type: 'deleteElements', set: SLOT, elements: [{ key: ['ri-1'], value: 7 }] },
        { type: 'addElements', set: SLOT, elements: other },
      ];
      expect(dataplane.commit(replace)).toEqual({ committed: true });
      expect(elementsOf(dataplane, SLOT)).toEqual(other);
    });

    it('adds what is there already, and lets a policy change', () => {
      using dataplane = opened();
      const before = dataplane.read();
      expect(dataplane.commit(EXAMPLE_TABLE)).toEqual({ committed: true });
      expect(dataplane.read()).toEqual(before);
      const base = { hook: 'forward', priority: 10, policy: 'drop' } as const;
      expect(dataplane.commit([{ type: 'addChain', chain: { name: 'forward', base } }])).toEqual({
        committed: true,
      });
      expect(dataplane.read()?.chains.get('forward')?.base).toEqual(base);
    });

    it('replaces all rules of a chain', () => {
      using dataplane = opened();
      const statements: Statement[] = [
        [{ match: { field: 'iifname' }, equals: 'ri-*' }, { verdict: 'drop' }],
        LOOK_UP,
      ];
      dataplane.commit([rules('check', ...statements)]);
      expect(dataplane.read()?.chains.get('check')?.fingerprints).toEqual(statements.map(fingerprintOf));
      dataplane.commit([rules('check')]);
      expect(dataplane.read()?.chains.get('check')?.fingerprints).toEqual([]);
    });

    it('bears a circle of chains that the same transaction opens again', () => {
      using dataplane = opened();
      const chain: Operation = { type: 'addChain', chain: { name: 'other' } };
      expect(dataplane.commit([chain, rules('check', goto('other'))])).toEqual({ committed: true });
      const swap = [rules('other', goto('check')), rules('check', LOOK_UP), rules('forward', goto('other'))];
      expect(dataplane.commit(swap)).toEqual({ committed: true });
    });

    it('goes sixteen chains deep and no further', () => {
      using dataplane = opened();
      const names = Array.from({ length: 16 }, (_, index) => `level-${index + 1}`);
      const chains = names.map((name): Operation => ({ type: 'addChain', chain: { name } }));
      const path = names.slice(1).map((name, index) => rules(names[index] as string, goto(name)));
      expect(dataplane.commit([...chains, ...path, rules('forward', goto('level-2'))])).toEqual({
        committed: true,
      });
      expect(dataplane.commit([rules('forward', goto('level-1'))])).toMatchObject({ committed: false });
    });

    it.each<[DataType, (index: number) => string | number]>([
      ['ifname', (index) => `ri-${index.toString(36)}`],
      ['mark', (index) => 0xffffffff - index],
      ['classid', (index) => index * 400_000],
      ['ipv4_addr', (index) => addressFromValue(4, BigInt(index * 429_496))],
      ['ipv6_addr', (index) => addressFromValue(6, (BigInt(index) << 114n) | BigInt(index))],
    ])('reads back 10,000 elements of type %s, alone and concatenated', (type, part) => {
      using dataplane = opened();
      const alone: NftSet = { name: 'alone', key: [type], value: 'classid' };
      const joined: NftSet = { name: 'joined', key: ['inet_proto', type, 'inet_service', type] };
      const numbers = Array.from({ length: 10_000 }, (_, index) => index);
      const values = numbers.map((index) => ({ key: [part(index)], value: index * 400_000 }));
      const keys = numbers.map((index) => ({ key: [index % 256, part(index), index, part(index)] }));
      const outcome = dataplane.commit([
        { type: 'addSet', set: alone },
        { type: 'addSet', set: joined },
        { type: 'addElements', set: alone, elements: values },
        { type: 'addElements', set: joined, elements: keys },
      ]);
      expect(outcome).toEqual({ committed: true });
      const sorted = (elements: readonly Element[]): readonly string[] =>
        elements.map((element) => JSON.stringify(element)).toSorted();
      expect(sorted(elementsOf(dataplane, alone))).toEqual(sorted(values));
      expect(sorted(elementsOf(dataplane, joined))).toEqual(sorted(keys));
    });

    it('takes 20,000 elements in one transaction, and gives them up in one', () => {
      using dataplane = opened();
      const elements = Array.from({ length: 20_000 }, (_, index) => ({
        key: [index, `10.${index % 250}.${(index >> 8) % 250}.0`, 6, index],
      }));
      expect(dataplane.commit([{ type: 'addElements', set: PORTS, elements }])).toEqual({ committed: true });
      expect(elementsOf(dataplane, PORTS)).toHaveLength(20_001);
      const gone = { type: 'deleteElements', set: PORTS, elements } as const;
      expect(dataplane.commit([gone])).toEqual({ committed: true });
      expect(elementsOf(dataplane, PORTS)).toHaveLength(1);
    });

    it('takes all kinds of steps in one transaction', () => {
      using dataplane = opened();
      const set: NftSet = { name: 'new', key: ['ipv6_addr'], value: 'classid' };
      const outcome = dataplane.commit([
        { type: 'addSet', set },
        { type: 'addElements', set, elements: [{ key: ['fd00::1'], value: 3 }] },
        { type: 'addChain', chain: { name: 'next' } },
        rules('next', [
          { assign: 'priority', key: [{ field: 'ip6 saddr' }], map: 'new' },
          { verdict: 'drop' },
        ]),
        rules('forward', goto('next')),
        { type: 'deleteChain', chain: 'check' },
        { type: 'deleteSet', set: PORTS.name },
      ]);
      expect(outcome).toEqual({ committed: true });
      expect([...(dataplane.read()?.sets.keys() ?? [])].toSorted()).toEqual(['new', 'slot']);
      expect([...(dataplane.read()?.chains.keys() ?? [])].toSorted()).toEqual(['forward', 'next']);
    });

    it('holds a compiled policy, and finds nothing to do on it', () => {
      using dataplane = open();
      const desired = compile(examplePolicy);
      dataplane.commit([{ type: 'deleteTable' }]);
      expect(dataplane.commit(difference(undefined, desired))).toEqual({ committed: true });
      const read = dataplane.read();
      expect(read).toEqual(heldBy(desired));
      expect(difference(read, desired)).toEqual([]);
    });

    it('follows a policy change by change, forth and back', () => {
      using dataplane = open();
      const compilation = compilationOf({ ...examplePolicy, rules: new Map() });
      dataplane.commit([{ type: 'deleteTable' }, ...difference(undefined, compilation.ruleset())]);
      const before = dataplane.read();
      for (const rule of examplePolicy.rules.values()) {
        compilation.authorize(rule);
        expect(dataplane.commit(compilation.take())).toEqual({ committed: true });
      }
      expect(dataplane.read()).toEqual(heldBy(compile(examplePolicy)));
      for (const rule of examplePolicy.rules.values()) {
        compilation.revoke(rule);
        expect(dataplane.commit(compilation.take())).toEqual({ committed: true });
      }
      expect(dataplane.read()).toEqual(before);
    });

    it('does nothing more once it is closed', () => {
      const dataplane = opened();
      dataplane[Symbol.dispose]();
      expect(() => dataplane.commit([{ type: 'addTable' }])).toThrow(DataplaneError);
      expect(() => dataplane.read()).toThrow(DataplaneError);
      dataplane[Symbol.dispose]();
    });
  });
}

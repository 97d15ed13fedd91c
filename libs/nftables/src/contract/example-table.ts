import type { NftSet, Operation, Statement } from '#libs/compiler';

export const PORTS: NftSet = { name: 'ports', key: ['mark', 'ipv4_addr', 'inet_proto', 'inet_service'] };
export const SLOT: NftSet = { name: 'slot', key: ['ifname'], value: 'mark' };

export const goto = (chain: string): Statement => [{ verdict: { goto: chain } }];

export const LOOK_UP: Statement = [
  {
    lookup: [
      { field: 'mark' },
      { field: 'ct original ip saddr', mask: '255.255.0.0' as never },
      { field: 'ct original protocol' },
      { field: 'ct reply proto-src', mask: 0xff00 },
    ],
    set: PORTS.name,
  },
  { verdict: 'accept' },
];

export const rules = (chain: string, ...statements: readonly Statement[]): Operation => ({
  type: 'replaceRules',
  chain: { name: chain, statements },
});

/** A small table: `forward` hangs in the packet path and goes on to `check`, which looks something up. */
export const EXAMPLE_TABLE: readonly Operation[] = [
  { type: 'addTable' },
  { type: 'addSet', set: PORTS },
  { type: 'addSet', set: SLOT },
  { type: 'addChain', chain: { name: 'check' } },
  { type: 'addChain', chain: { name: 'forward', base: { hook: 'forward', priority: 10, policy: 'accept' } } },
  rules('check', LOOK_UP),
  rules('forward', goto('check')),
  { type: 'addElements', set: SLOT, elements: [{ key: ['ri-1'], value: 7 }] },
  { type: 'addElements', set: PORTS, elements: [{ key: [7, '10.1.0.0', 6, 80] }] },
];

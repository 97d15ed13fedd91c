import type { Operation, Operand } from '#libs/compiler';
import { goto, LOOK_UP, PORTS, rules, SLOT } from './example-table.js';

const field = (name: Operand['field']): Operand => ({ field: name });
const add = (set: typeof PORTS, key: (string | number)[], value?: number): Operation => ({
  type: 'addElements',
  set,
  elements: [value === undefined ? { key } : { key, value }],
});
const tooLong = 'ri-0123456789abcd';

/** What is refused on the example table, and how; where kernels differ in the code, all that are known. */
export const REFUSALS: readonly (readonly [what: string, code: string | RegExp, operation: Operation])[] = [
  ['to delete a set that is not there', 'ENOENT', { type: 'deleteSet', set: 'no' }],
  ['to delete a chain that is not there', 'ENOENT', { type: 'deleteChain', chain: 'no' }],
  ['to fill a chain that is not there', 'ENOENT', rules('no', LOOK_UP)],
  ['to add an element to no set', 'ENOENT', add({ ...PORTS, name: 'no' }, [1, '10.0.0.0', 6, 1])],
  [
    'to delete an element that is not there',
    'ENOENT',
    { type: 'deleteElements', set: SLOT, elements: [{ key: ['ri-9'] }] },
  ],
  ['another value for a key', 'EEXIST', add(SLOT, ['ri-1'], 8)],
  ['a set of another type', 'EEXIST', { type: 'addSet', set: { ...SLOT, key: ['ipv4_addr'] } }],
  ['a set in place of a map', 'EEXIST', { type: 'addSet', set: { name: SLOT.name, key: SLOT.key } }],
  [
    'a base chain that hangs elsewhere',
    /^(?:EEXIST|EOPNOTSUPP)$/,
    { type: 'addChain', chain: { name: 'forward', base: { hook: 'input', priority: 10, policy: 'accept' } } },
  ],
  [
    'a base chain in place of a plain one',
    /^(?:EEXIST|EOPNOTSUPP)$/,
    { type: 'addChain', chain: { name: 'check', base: { hook: 'input', priority: 10, policy: 'accept' } } },
  ],
  ['to delete a set in use', 'EBUSY', { type: 'deleteSet', set: PORTS.name }],
  ['to delete a chain in use', 'EBUSY', { type: 'deleteChain', chain: 'check' }],
  ['a rule that looks up no set', 'ENOENT', rules('check', [{ lookup: [field('iifname')], set: 'no' }])],
  [
    'a rule that takes a value from a set',
    'EINVAL',
    rules('check', [
      { assign: 'mark', key: 'lookup' in LOOK_UP[0]! ? LOOK_UP[0].lookup : [], map: PORTS.name },
    ]),
  ],
  ['a jump to nowhere', 'ENOENT', rules('check', goto('no'))],
  ['a jump to a base chain', 'EOPNOTSUPP', rules('check', goto('forward'))],
  ['a jump in a circle', /^(?:EMLINK|ELOOP)$/, rules('check', goto('check'))],
  ['a key of too few parts', 'EINVAL', add(PORTS, [1, '10.0.0.0', 6])],
  ['a key for a set of another type', 'EINVAL', add({ ...PORTS, key: ['mark'] }, [1])],
  ['a map element without a value', 'EINVAL', add(SLOT, ['ri-2'])],
  ['a set element with a value', 'EINVAL', add(PORTS, [1, '10.0.0.0', 6, 1], 1)],
  ['a number that is too large', 'EINVAL', add(PORTS, [1, '10.0.0.0', 256, 1])],
  ['an address that is none', 'EINVAL', add(PORTS, [1, '10.0.0', 6, 1])],
  ['an address of the other family', 'EINVAL', add(PORTS, [1, '::1', 6, 1])],
  ['an interface name that is too long', 'EINVAL', add(SLOT, [tooLong], 1)],
];

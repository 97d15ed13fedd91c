export * from './ruleset.js';
export * from './transaction.js';
export * from './held.js';
export * from './host-policy.js';
export { Compilation, compilationOf, compile } from './compilation.js';
export { difference } from './difference.js';
export { ownerOf, type ElementOwner } from './owner.js';
export { without, type Withheld } from './without.js';
export { evaluate, type HostPacket } from './evaluate.js';

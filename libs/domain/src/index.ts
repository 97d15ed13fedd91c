export type { Brand } from './values/brand.js';
export * from './values/ids.js';
export * from './values/ip-address.js';
export * from './values/cidr.js';
export * from './values/traffic.js';
export * from './values/rule.js';
export * from './values/instance.js';
export * from './values/host.js';
export * from './values/tag.js';
export type * from './values/prefix-list.js';
export type * from './account/messages.js';
export type * from './group/messages.js';
export type * from './rule/messages.js';
export type * from './prefix-list/messages.js';
export type * from './tag/messages.js';
export type * from './change-set/messages.js';
export type * from './client-token/messages.js';
export type * from './instance/messages.js';
export type * from './host/messages.js';
export * from './cell/messages.js';
export type * from './cell/recorded-event.js';
export * from './cell/limits.js';
export {
  initialCellState,
  type AccountState,
  type CellState,
  type GroupState,
  type HostState,
  type PrefixListState,
} from './cell/state.js';
export { UndoLog } from './cell/undo-log.js';
export { decide } from './cell/decide.js';
export { evolve } from './cell/evolve.js';
export { REMEMBERED_CLIENT_TOKENS } from './client-token/client-tokens.js';
export { REMEMBERED_TERMINATED } from './instance/evolve.js';
export { offsetOn } from './instance/placement.js';
export { fold } from './cell/fold.js';
export { DEFAULT_GROUP_NAME } from './group/defaults.js';
export * from './policy/permits.js';
export * from './policy/effect.js';

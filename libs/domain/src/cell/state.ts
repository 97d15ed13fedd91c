import type { ClientTokenUsed } from '../client-token/messages.js';
import type {
  AccountId,
  GroupId,
  HostId,
  InstanceId,
  LogPosition,
  PrefixListId,
  ResourceId,
  RuleId,
  VpcId,
} from '../values/ids.js';
import type { Host } from '../values/host.js';
import type { Instance } from '../values/instance.js';
import type { AddressFamily, IpAddress } from '../values/ip-address.js';
import type { Cidr } from '../values/cidr.js';
import type { PrefixListEntry } from '../values/prefix-list.js';
import type { Tags } from '../values/tag.js';
import type { GroupRules } from '../rule/group-rules.js';
import type { Rule, RuleQuota } from '../values/rule.js';
import type { HeldRanges } from '../host/ranges.js';
import type { UndoLog } from './undo-log.js';

export interface AccountState {
  readonly accountId: AccountId;
  readonly vpcId: VpcId;
  /** Keyed by the name in lower case: names are unique whatever their case. */
  readonly groupIds: Map<string, GroupId>;
  readonly prefixListIds: Map<PrefixListId, true>;
}

export interface GroupState {
  readonly accountId: AccountId;
  readonly groupId: GroupId;
  readonly number: number;
  readonly name: string;
  readonly rules: GroupRules;
  /** How many rules count against each quota. */
  readonly quotas: Record<RuleQuota, number>;
  readonly instanceIds: Map<InstanceId, true>;
  /** Groups whose rules name this one as their peer, with the number of such rules. */
  readonly referencedBy: Map<GroupId, number>;
}

export interface PrefixListState {
  readonly accountId: AccountId;
  readonly prefixListId: PrefixListId;
  readonly name: string;
  readonly family: AddressFamily;
  readonly maxEntries: number;
  readonly version: number;
  readonly entries: ReadonlyMap<Cidr, PrefixListEntry>;
  /** The rules that name it as their peer. */
  readonly references: Set<Rule>;
}

export interface HostState {
  readonly host: Host;
  /** Keyed by interface name. */
  readonly interfaces: Map<string, InstanceId>;
}

/**
 * All that decisions are made on: the fold of one cell's log. Folded in place by `evolve` and by nothing else,
 * so that an event costs the same at any size.
 */
export interface CellState {
  readonly undo: UndoLog | undefined;
  readonly accounts: Map<AccountId, AccountState>;
  readonly groups: Map<GroupId, GroupState>;
  /** Of each group, the newest event that changed it or its rules. Kept by `fold`. */
  readonly changedAt: Map<GroupId, LogPosition>;
  readonly rules: Map<RuleId, Rule>;
  readonly prefixLists: Map<PrefixListId, PrefixListState>;
  readonly tags: Map<ResourceId, Tags>;
  readonly hosts: Map<HostId, HostState>;
  /** The same hosts' ranges. */
  readonly ranges: HeldRanges;
  readonly instances: Map<InstanceId, Instance>;
  readonly addresses: Map<IpAddress, InstanceId>;
  /** The newest terminated instances, so that terminating one again is no error. */
  readonly terminated: Map<InstanceId, Instance>;
  /** The newest client tokens, by account and token. */
  readonly clientTokens: Map<string, ClientTokenUsed>;
  readonly counters: Map<'groups' | `offset ${HostId}`, number>;
}

export const initialCellState = (undo?: UndoLog): CellState => ({
  undo,
  accounts: new Map(),
  groups: new Map(),
  changedAt: new Map(),
  rules: new Map(),
  prefixLists: new Map(),
  tags: new Map(),
  hosts: new Map(),
  ranges: { 4: [], 6: [] },
  instances: new Map(),
  addresses: new Map(),
  terminated: new Map(),
  clientTokens: new Map(),
  counters: new Map(),
});

/** For lookups that the log itself guarantees; missing means that the log is damaged. */
export function known<K, V>(map: ReadonlyMap<K, V>, key: K, what: string): V {
  const value = map.get(key);
  if (value === undefined)
    throw new Error(`the log speaks of ${what} ${String(key)}, which it never introduced`);
  return value;
}

import type { AccountId, RuleId } from '../values/ids.js';
import type { Cidr } from '../values/cidr.js';
import type { Traffic } from '../values/traffic.js';
import type { Direction, Rule } from '../values/rule.js';
import type { GroupReference } from '../group/messages.js';

/** A peer as people write it: the group may be named, and be another account's. */
export type RequestedPeer =
  | { readonly kind: 'cidr'; readonly cidr: Cidr }
  | { readonly kind: 'group'; readonly accountId: AccountId; readonly group: GroupReference };

export interface RequestedPermission {
  readonly traffic: Traffic;
  readonly peer: RequestedPeer;
}

export interface RequestedRule extends RequestedPermission {
  readonly ruleId: RuleId;
  readonly description?: string;
}

/** All or nothing: one rule that can't be had, and none is. */
export interface AuthorizeRules {
  readonly type: 'AuthorizeRules';
  readonly accountId: AccountId;
  readonly group: GroupReference;
  readonly direction: Direction;
  readonly rules: readonly RequestedRule[];
}

/** Permissions that no rule has are passed over, as in a default VPC; unknown rule ids are refused. */
export interface RevokeRules {
  readonly type: 'RevokeRules';
  readonly accountId: AccountId;
  readonly group: GroupReference;
  readonly direction: Direction;
  readonly permissions: readonly RequestedPermission[];
  readonly ruleIds: readonly RuleId[];
}

// These names and fields are on disk in every installation. Add; don't rename or repurpose.
// To change a meaning, add a new type and an upcaster in libs/protocol/src/log.
export interface RuleAuthorized {
  readonly type: 'RuleAuthorized';
  readonly accountId: AccountId;
  readonly rule: Rule;
}

export interface RuleRevoked {
  readonly type: 'RuleRevoked';
  readonly accountId: AccountId;
  /** The whole rule, so that the audit log says by itself what was closed. */
  readonly rule: Rule;
}

export type RuleRefusal =
  | { readonly code: 'RuleDuplicate'; readonly rule: Rule; readonly existing: RuleId }
  | { readonly code: 'RuleRepeated'; readonly rule: Rule }
  | { readonly code: 'RuleUnknown'; readonly ruleId: RuleId }
  | { readonly code: 'RuleMalformed'; readonly field: string; readonly value: string; readonly fix: string }
  | { readonly code: 'RuleLimitExceeded'; readonly limit: number };

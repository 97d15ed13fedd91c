import type { AccountId, GroupId, PrefixListId, RuleId } from '../values/ids.js';
import type { Cidr } from '../values/cidr.js';
import type { Traffic } from '../values/traffic.js';
import type { Direction, Rule } from '../values/rule.js';
import type { GroupReference } from '../group/messages.js';
import type { Tag } from '../values/tag.js';

/** A peer as people write it: the group may be named, and be another account's. */
export type RequestedPeer =
  | { readonly kind: 'cidr'; readonly cidr: Cidr }
  | { readonly kind: 'group'; readonly accountId: AccountId; readonly group: GroupReference }
  | { readonly kind: 'prefix-list'; readonly prefixListId: PrefixListId };

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
  /** Put on each of the rules. */
  readonly tags?: readonly Tag[];
}

/** The rules keep their ids. All or nothing; a rule's far end stays of its kind and family (as in EC2). */
export interface ModifyRules {
  readonly type: 'ModifyRules';
  readonly accountId: AccountId;
  readonly group: GroupReference;
  readonly rules: readonly RequestedRule[];
}

/** Names the rules by id or by what they permit; without a description they lose theirs. All or nothing. */
export interface ChangeRuleDescriptions {
  readonly type: 'ChangeRuleDescriptions';
  readonly accountId: AccountId;
  readonly group: GroupReference;
  readonly direction: Direction;
  readonly rules: readonly ((RequestedPermission | { readonly ruleId: RuleId }) & {
    readonly description?: string;
  })[];
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

export interface RuleModified {
  readonly type: 'RuleModified';
  readonly accountId: AccountId;
  /** As it is from now on. */
  readonly rule: Rule;
  /** As it was, with the same id. */
  readonly before: Rule;
}

/** What a rule permits stays as it is. */
export interface RuleDescriptionChanged {
  readonly type: 'RuleDescriptionChanged';
  readonly accountId: AccountId;
  readonly groupId: GroupId;
  readonly ruleId: RuleId;
  /** None from now on, when absent. */
  readonly description?: string;
}

export type RuleRefusal =
  | { readonly code: 'RuleDuplicate'; readonly rule: Rule; readonly existing: RuleId }
  | { readonly code: 'RuleRepeated'; readonly rule: Rule }
  | { readonly code: 'RuleUnknown'; readonly ruleId: RuleId }
  | {
      readonly code: 'PermissionUnknown';
      readonly groupId: GroupId;
      readonly permission: RequestedPermission;
    }
  | { readonly code: 'RulePeerKindFixed'; readonly ruleId: RuleId }
  | { readonly code: 'RuleMalformed'; readonly field: string; readonly value: string; readonly fix: string }
  | { readonly code: 'RuleLimitExceeded'; readonly limit: number };

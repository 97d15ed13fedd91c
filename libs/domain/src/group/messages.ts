import type { AccountId, GroupId, InstanceId, RuleId, VpcId } from '../values/ids.js';
import type { Tag } from '../values/tag.js';

/** How people name a group: by id anywhere, by name within an account. */
export type GroupReference = { readonly groupId: GroupId } | { readonly groupName: string };

export interface CreateGroup {
  readonly type: 'CreateGroup';
  readonly accountId: AccountId;
  readonly groupId: GroupId;
  readonly name: string;
  readonly description: string;
  /** Of the rules that let everything out, to IPv4 and to IPv6. */
  readonly ruleIds: readonly [RuleId, RuleId];
  readonly tags?: readonly Tag[];
}

export interface DeleteGroup {
  readonly type: 'DeleteGroup';
  readonly accountId: AccountId;
  readonly group: GroupReference;
}

// These names and fields are on disk in every installation. Add; don't rename or repurpose.
// To change a meaning, add a new type and an upcaster in libs/protocol/src/log.
export interface GroupCreated {
  readonly type: 'GroupCreated';
  readonly accountId: AccountId;
  readonly groupId: GroupId;
  /** The cell's n-th group, from 1 and never given again: what the kernel knows the group by. */
  readonly number: number;
  readonly name: string;
  readonly description: string;
}

export interface GroupDeleted {
  readonly type: 'GroupDeleted';
  readonly accountId: AccountId;
  readonly groupId: GroupId;
  readonly name: string;
}

export type GroupRefusal =
  | {
      readonly code: 'GroupUnknown';
      readonly accountId: AccountId;
      /** Of that account, if it is open. */
      readonly vpcId?: VpcId;
      readonly group: GroupReference;
    }
  | {
      readonly code: 'GroupNameTaken';
      readonly accountId: AccountId;
      readonly vpcId: VpcId;
      readonly name: string;
      readonly groupId: GroupId;
    }
  | { readonly code: 'GroupNameReserved'; readonly name: string }
  | { readonly code: 'GroupNameMalformed'; readonly name: string }
  | { readonly code: 'GroupDescriptionMalformed'; readonly description: string }
  | { readonly code: 'GroupIsDefault'; readonly groupId: GroupId; readonly name: string }
  | {
      readonly code: 'GroupInUse';
      readonly groupId: GroupId;
      /** At most ten of each, so that the refusal stays readable. */
      readonly instanceIds: readonly InstanceId[];
      readonly referencedBy: readonly GroupId[];
    }
  | { readonly code: 'GroupLimitExceeded'; readonly limit: number };

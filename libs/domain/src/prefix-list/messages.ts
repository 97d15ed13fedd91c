import type { ClientToken } from '../client-token/messages.js';
import type { Cidr } from '../values/cidr.js';
import type { AccountId, GroupId, PrefixListId } from '../values/ids.js';
import type { AddressFamily } from '../values/ip-address.js';
import type { PrefixListEntry } from '../values/prefix-list.js';
import type { Tag } from '../values/tag.js';

export interface CreatePrefixList {
  readonly type: 'CreatePrefixList';
  readonly accountId: AccountId;
  readonly prefixListId: PrefixListId;
  readonly name: string;
  readonly family: AddressFamily;
  /** What a rule with this list counts as, however many entries there are. */
  readonly maxEntries: number;
  readonly entries: readonly PrefixListEntry[];
  readonly tags?: readonly Tag[];
  readonly clientToken?: ClientToken;
}

/** Entries that are there already get the description given; all or nothing. */
export interface ModifyPrefixList {
  readonly type: 'ModifyPrefixList';
  readonly accountId: AccountId;
  readonly prefixListId: PrefixListId;
  /** Refused when the list has moved on from it. */
  readonly currentVersion?: number;
  readonly name?: string;
  readonly maxEntries?: number;
  readonly add: readonly PrefixListEntry[];
  readonly remove: readonly Cidr[];
}

export interface DeletePrefixList {
  readonly type: 'DeletePrefixList';
  readonly accountId: AccountId;
  readonly prefixListId: PrefixListId;
}

// These names and fields are on disk in every installation. Add; don't rename or repurpose.
// To change a meaning, add a new type and an upcaster in libs/protocol/src/log.
export interface PrefixListCreated {
  readonly type: 'PrefixListCreated';
  readonly accountId: AccountId;
  readonly prefixListId: PrefixListId;
  readonly name: string;
  readonly family: AddressFamily;
  readonly maxEntries: number;
  readonly entries: readonly PrefixListEntry[];
}

export interface PrefixListModified {
  readonly type: 'PrefixListModified';
  readonly accountId: AccountId;
  readonly prefixListId: PrefixListId;
  /** From 1, one more with each change of the entries. */
  readonly version: number;
  readonly name?: string;
  readonly maxEntries?: number;
  /** New entries, and entries whose description changed. */
  readonly added: readonly PrefixListEntry[];
  readonly removed: readonly PrefixListEntry[];
}

export interface PrefixListDeleted {
  readonly type: 'PrefixListDeleted';
  readonly accountId: AccountId;
  readonly prefixListId: PrefixListId;
  readonly name: string;
}

export type PrefixListRefusal =
  | { readonly code: 'PrefixListUnknown'; readonly prefixListId: PrefixListId }
  | {
      readonly code: 'PrefixListMalformed';
      readonly field: string;
      readonly value: string;
      readonly fix: string;
    }
  | {
      readonly code: 'PrefixListVersionMismatch';
      readonly prefixListId: PrefixListId;
      readonly current: number;
    }
  | {
      readonly code: 'PrefixListFull';
      readonly prefixListId: PrefixListId;
      readonly maxEntries: number;
      readonly wanted: number;
    }
  | { readonly code: 'PrefixListEntryUnknown'; readonly prefixListId: PrefixListId; readonly cidr: Cidr }
  | {
      readonly code: 'PrefixListInUse';
      readonly prefixListId: PrefixListId;
      /** At most ten. */
      readonly referencedBy: readonly GroupId[];
    }
  | { readonly code: 'PrefixListLimitExceeded'; readonly limit: number };

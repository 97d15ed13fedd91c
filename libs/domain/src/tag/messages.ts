import type { AccountId, ResourceId } from '../values/ids.js';
import type { Tag } from '../values/tag.js';

/** All or nothing, over all of the resources. What is removed goes before what is set comes. */
export interface ChangeTags {
  readonly type: 'ChangeTags';
  readonly accountId: AccountId;
  readonly resourceIds: readonly ResourceId[];
  readonly set: readonly Tag[];
  /** Without a value the tag goes whatever its value, with one only if it has just that. */
  readonly remove: 'all' | readonly { readonly key: string; readonly value?: string }[];
}

// These names and fields are on disk in every installation. Add; don't rename or repurpose.
// To change a meaning, add a new type and an upcaster in libs/protocol/src/log.
export interface TagsChanged {
  readonly type: 'TagsChanged';
  readonly accountId: AccountId;
  readonly resourceId: ResourceId;
  readonly set: readonly Tag[];
  /** Keys. */
  readonly removed: readonly string[];
}

export type TagRefusal =
  | { readonly code: 'ResourceUnknown'; readonly resourceId: ResourceId }
  | { readonly code: 'TagMalformed'; readonly key: string; readonly fix: string }
  | { readonly code: 'TagLimitExceeded'; readonly resourceId: ResourceId; readonly limit: number };

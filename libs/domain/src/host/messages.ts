import type { Cidr } from '../values/cidr.js';
import type { HostId } from '../values/ids.js';

/** What an agent asks for when it starts: to be known, with the ranges that its operator gave it. */
export interface EnrollHost {
  readonly type: 'EnrollHost';
  readonly hostId: HostId;
  readonly ranges: readonly Cidr[];
}

// These names and fields are on disk in every installation. Add; don't rename or repurpose.
// To change a meaning, add a new type and an upcaster in libs/protocol/src/log.
/** Said again with other ranges when the operator changed them. */
export interface HostEnrolled {
  readonly type: 'HostEnrolled';
  readonly hostId: HostId;
  readonly ranges: readonly Cidr[];
}

export type HostRefusal =
  | { readonly code: 'HostUnknown'; readonly hostId: HostId }
  | { readonly code: 'RangesMalformed'; readonly ranges: readonly Cidr[]; readonly fix: string }
  | { readonly code: 'RangeOverlaps'; readonly range: Cidr; readonly hostId: HostId; readonly other: Cidr }
  | { readonly code: 'RangeInUse'; readonly hostId: HostId; readonly instances: number };

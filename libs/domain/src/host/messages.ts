import type { Cidr } from '../values/cidr.js';
import type { HostId, InstanceId } from '../values/ids.js';
import type { IpAddress } from '../values/ip-address.js';

/** What an agent asks for when it starts: to be known, with the ranges that its operator gave it. */
export interface EnrollHost {
  readonly type: 'EnrollHost';
  readonly hostId: HostId;
  readonly ranges: readonly Cidr[];
  /** The host's own, if it may be launched as an instance itself. */
  readonly addresses?: readonly IpAddress[];
}

/** A host that comes no more. Refused while instances are placed on it. Enrolling brings it back. */
export interface RetireHost {
  readonly type: 'RetireHost';
  readonly hostId: HostId;
}

/** What an agent tells when somebody else had changed its table, and it has made it right again. */
export interface RecordRepair {
  readonly type: 'RecordRepair';
  readonly hostId: HostId;
  /** How many operations that took, and the first few in nft's words. */
  readonly operations: number;
  readonly undone: readonly string[];
}

// These names and fields are on disk in every installation. Add; don't rename or repurpose.
// To change a meaning, add a new type and an upcaster in libs/protocol/src/log.
/** Said again with other ranges or addresses when the operator changed them. */
export interface HostEnrolled {
  readonly type: 'HostEnrolled';
  readonly hostId: HostId;
  readonly ranges: readonly Cidr[];
  readonly addresses?: readonly IpAddress[];
}

export interface HostRetired {
  readonly type: 'HostRetired';
  readonly hostId: HostId;
}

/** Somebody changed a host's table behind the agent's back; it was as the log says again at once. */
export interface HostTableRepaired {
  readonly type: 'HostTableRepaired';
  readonly hostId: HostId;
  readonly operations: number;
  readonly undone: readonly string[];
}

export type HostRefusal =
  | { readonly code: 'HostUnknown'; readonly hostId: HostId }
  | { readonly code: 'RangesMalformed'; readonly ranges: readonly Cidr[]; readonly fix: string }
  | { readonly code: 'RangeOverlaps'; readonly range: Cidr; readonly hostId: HostId; readonly other: Cidr }
  | { readonly code: 'HostInUse'; readonly hostId: HostId; readonly instances: number }
  | { readonly code: 'HostAddressesInUse'; readonly hostId: HostId; readonly instanceId: InstanceId }
  | { readonly code: 'RangeInUse'; readonly hostId: HostId; readonly instances: number };

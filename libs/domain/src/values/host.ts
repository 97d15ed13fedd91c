import type { Cidr } from './cidr.js';
import type { HostId } from './ids.js';
import type { IpAddress } from './ip-address.js';

/** A machine that runs an agent. Instances placed on it get one address from each of its ranges. */
export interface Host {
  readonly hostId: HostId;
  /** At most one range of each family, overlapping no other host's. */
  readonly ranges: readonly Cidr[];
  /** Its own, by which it is an instance itself once it is launched as one; none when its operator does not offer it. */
  readonly addresses?: readonly IpAddress[];
}

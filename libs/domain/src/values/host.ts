import type { Cidr } from './cidr.js';
import type { HostId } from './ids.js';

/** A machine that runs an agent. Instances placed on it get one address from each of its ranges. */
export interface Host {
  readonly hostId: HostId;
  /** At most one range of each family, overlapping no other host's. */
  readonly ranges: readonly Cidr[];
}

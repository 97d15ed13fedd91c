import type { Address, AppendFault, Failure } from './faults.js';
import type { StoredStreams } from './stored-streams.js';

/** One server of a cluster, as its answers see it. */
export interface Node {
  readonly streams: StoredStreams;
  readonly isLeader: boolean;
  leader(): Address;
  /** What becomes of the next appends, one after the other; those after them go well. */
  readonly appendFaults: AppendFault[];
  /** Ends a subscription with a failure. */
  readonly subscriptions: Set<(failure: Failure) => void>;
}

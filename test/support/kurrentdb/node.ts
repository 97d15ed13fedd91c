import type { Address, AppendFault } from './faults.js';
import type { StoredStreams } from './stored-streams.js';

/** One server of a cluster, as its answers see it. */
export interface Node {
  readonly streams: StoredStreams;
  readonly isLeader: boolean;
  leader(): Address;
  /** What becomes of the next appends, one after the other; those after them go well. */
  readonly appendFaults: AppendFault[];
  readonly subscriptions: Set<Subscription>;
}

/** Under way, until the client leaves. */
export interface Subscription {
  drop(): void;
  /** Stays up, and tells nothing more: what a node does that is cut off from its cluster. */
  mute(): void;
}

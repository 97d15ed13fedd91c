import type { RecordedEvent } from '#libs/domain';
import type { Marks } from '#libs/projections';
import type { ChainEnd } from '#libs/protocol';

/** Where a fold of the log may begin instead of at its first event. */
export interface StartingPoint {
  readonly end: ChainEnd;
  /** The events that still matter there, in order. */
  readonly events: AsyncIterable<readonly RecordedEvent[]>;
  /** What those don't tell. */
  readonly marks: Marks;
}

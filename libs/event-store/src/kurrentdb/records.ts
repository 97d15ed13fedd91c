import type { ResolvedEvent } from '@kurrent/kurrentdb-client';
import type { LogPosition } from '#libs/domain';
import { EventStoreError, type StoredRecord } from '../event-store.js';
import { textOf } from './event.js';

/** The records in a run of events. Throws when one is missing: streams can be cut short in KurrentDB, a log can't. */
export function recordsAfter(
  after: LogPosition,
  events: readonly ResolvedEvent[],
  name: string,
): readonly StoredRecord[] {
  return events.flatMap(({ event }, index) => {
    if (!event) return [];
    const position = after + index + 1;
    if (Number(event.revision) + 1 !== position)
      throw new EventStoreError(
        `the log ${name} has lost its records ${position} to ${event.revision}: restore a backup, and see that its stream has no $maxCount, $maxAge or $tb`,
      );
    return { position, text: textOf(event) };
  });
}

import type { RecordedEvent } from '#libs/domain';
import type { StoredRecord } from '#libs/event-store';
import { decodeRecordedEvent } from '#libs/protocol';

/** What one request put into the log. */
export interface Commit {
  readonly events: readonly RecordedEvent[];
  /** As it stands in the log. */
  readonly last: StoredRecord;
}

/** Puts records that come in pages together into whole commits; what is left over at the end is none yet. */
export async function* commitsIn(
  pages: Iterable<readonly StoredRecord[]> | AsyncIterable<readonly StoredRecord[]>,
): AsyncGenerator<readonly Commit[]> {
  let events: RecordedEvent[] = [];
  for await (const page of pages) {
    const commits: Commit[] = [];
    for (const last of page) {
      const recorded = decodeRecordedEvent(last.text);
      events.push(recorded);
      if (recorded.rest !== undefined) continue;
      commits.push({ events, last });
      events = [];
    }
    yield commits;
  }
}

import type { RecordedEvent } from '#libs/domain';
import type { StoredRecord } from '#libs/event-store';
import { decodeRecordedEvent } from '#libs/protocol';

/** What one request put into the log. */
export interface Commit {
  readonly events: readonly RecordedEvent[];
  /** As it stands in the log. */
  readonly last: StoredRecord;
}

/** Whether the records end where a commit does. */
export function areWhole(records: readonly StoredRecord[]): boolean {
  const last = records.at(-1);
  return last !== undefined && decodeRecordedEvent(last.text).rest === undefined;
}

/** Puts records that come in pages together into commits. The log's end ends one, even if the log was cut there. */
export async function* commitsIn(
  pages: Iterable<readonly StoredRecord[]> | AsyncIterable<readonly StoredRecord[]>,
): AsyncGenerator<readonly Commit[]> {
  let events: RecordedEvent[] = [];
  let last: StoredRecord | undefined;
  for await (const page of pages) {
    const commits: Commit[] = [];
    for (const record of page) {
      const recorded = decodeRecordedEvent(record.text);
      events.push(recorded);
      last = record;
      if (recorded.rest !== undefined) continue;
      commits.push({ events, last });
      events = [];
    }
    yield commits;
  }
  if (last && events.length > 0) yield [{ events, last }];
}

import type { LogPosition } from '#libs/domain';
import type { HostReport } from '#libs/protocol';

/** A change is here long before that, or the report speaks of another log. */
const KEPT_MS = 10_000;
const MOST_KEPT = 10_000;

/**
 * Reports that are ahead: another control plane told the hosts of a change, and a host was faster than the log's way
 * here. Such a report waits for the change.
 */
export class EarlyReports {
  #kept: { readonly report: HostReport; readonly newest: LogPosition; readonly at: number }[] = [];

  /** Whether the report speaks of nothing that is not known at that position; else it is kept. */
  isDue(report: HostReport, position: LogPosition, now: number): boolean {
    const newest = newestIn(report);
    if (newest <= position) return true;
    if (this.#kept.length < MOST_KEPT) this.#kept.push({ report, newest, at: now });
    return false;
  }

  /** Those that waited for that position, in the order in which they came. */
  takeDue(position: LogPosition, now: number): readonly HostReport[] {
    if (this.#kept.length === 0) return [];
    const due = this.#kept.filter(({ newest }) => newest <= position);
    this.#kept = this.#kept.filter(({ newest, at }) => newest > position && now - at < KEPT_MS);
    return due.map(({ report }) => report);
  }
}

function newestIn({ enforced, refused, upTo = 0 }: HostReport): LogPosition {
  let newest = upTo;
  for (const { position } of enforced) newest = Math.max(newest, position);
  for (const { position } of refused) newest = Math.max(newest, position);
  return newest;
}

import type { Connection } from '../connection/connection.js';
import { askRampart } from '../connection/native.js';
import { listingCommand } from './listing.js';
import type { Columns } from './table.js';

/** A host as the control plane sees it. */
export interface HostView {
  readonly hostId: string;
  readonly ranges: readonly string[];
  readonly instances: number;
  readonly enrolledAt: string;
  readonly state: 'enforced' | 'pending' | 'lagging' | 'degraded' | 'unknown';
  /** Why its kernel refuses something, of one that is degraded. */
  readonly reason?: string;
  /** Absent until the host's agent has reported once. */
  readonly lastReportAt?: string;
}

export async function fetchHosts(connection: Connection): Promise<readonly HostView[]> {
  const at = connection.at === undefined ? '' : `?at=${encodeURIComponent(connection.at)}`;
  return (await askRampart<{ readonly hosts: readonly HostView[] }>(connection, `/v1/hosts${at}`)).hosts;
}

const columnsWith = (
  state: (host: HostView) => string,
  lastReport: (host: HostView) => string,
): Columns<HostView> => [
  ['HOST', ({ hostId }) => hostId],
  ['STATE', state],
  ['INSTANCES', ({ instances }) => String(instances)],
  ['RANGES', ({ ranges }) => ranges.join(',')],
  ['ENROLLED', ({ enrolledAt }) => enrolledAt],
  ['LAST REPORT', lastReport],
];
/** The log holds no reports. */
const notRecorded = (): string => 'not recorded';

export const hosts = listingCommand<HostView>({
  summary: 'Lists the hosts, with what they carry and whether they enforce all that they should.',
  operands: '',
  looksBack: true,
  flags: [],
  examples: [
    ['', 'a table'],
    ['--json | grep -c \'"state": "enforced"\'', 'for programs: here, how many are up to date'],
  ],
  plural: 'hosts',
  fetch: fetchHosts,
  columns: columnsWith(
    ({ state, reason }) => (reason ? `${state}: ${reason}` : state),
    ({ lastReportAt }) => lastReportAt ?? 'none',
  ),
  pastColumns: columnsWith(notRecorded, notRecorded),
  whenEmpty: 'no host has enrolled yet',
});

import type { Connection } from '../connection/connection.js';
import { exchange } from '../connection/exchange.js';
import { ConnectionError, ServiceError } from '../connection/service-error.js';
import { listingCommand } from './listing.js';

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
  const { status, body } = await exchange(connection, {
    service: 'rampart',
    method: 'GET',
    path: '/v1/hosts',
    headers: { accept: 'application/json' },
    body: '',
  });
  const answer = parseJson(body) as Partial<Record<'hosts' | 'code' | 'message', unknown>> | undefined;
  if (status === 200 && Array.isArray(answer?.hosts)) return answer.hosts as HostView[];
  if (typeof answer?.message === 'string')
    throw new ServiceError(
      status,
      typeof answer.code === 'string' ? answer.code : String(status),
      answer.message,
    );
  throw new ConnectionError(
    `${connection.endpoint.href} answered ${status} '${body.slice(0, 80)}', which is not Rampart: check EC2_URL`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON is told apart by the caller, together with JSON that means nothing
  }
}

export const hosts = listingCommand<HostView>({
  summary: 'Lists the hosts, with what they carry and whether they enforce all that they should.',
  operands: '',
  flags: [],
  examples: [
    ['', 'a table'],
    ['--json | grep -c \'"state": "enforced"\'', 'for programs: here, how many are up to date'],
  ],
  plural: 'hosts',
  fetch: fetchHosts,
  columns: [
    ['HOST', ({ hostId }) => hostId],
    ['STATE', ({ state, reason }) => (reason ? `${state}: ${reason}` : state)],
    ['INSTANCES', ({ instances }) => String(instances)],
    ['RANGES', ({ ranges }) => ranges.join(',')],
    ['ENROLLED', ({ enrolledAt }) => enrolledAt],
    ['LAST REPORT', ({ lastReportAt }) => lastReportAt ?? 'none'],
  ],
  whenEmpty: 'no host has enrolled yet',
});

import type { Connection } from '../connection/connection.js';
import { exchange } from '../connection/exchange.js';
import { ConnectionError, ServiceError } from '../connection/service-error.js';

/** A host as the control plane sees it. */
export interface HostView {
  readonly hostId: string;
  readonly ranges: readonly string[];
  readonly instances: number;
  readonly enrolledAt: string;
  readonly state: 'enforced' | 'lagging' | 'unknown';
  /** Absent until the host's agent has reported once. */
  readonly lastReportAt?: string;
}

const PATIENCE = 30;

export async function fetchHosts(connection: Connection): Promise<readonly HostView[]> {
  const { status, body } = await exchange(connection, {
    service: 'rampart',
    method: 'GET',
    path: '/v1/hosts',
    headers: { accept: 'application/json' },
    body: '',
    patience: PATIENCE,
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

/** Aligned columns for people; programs take --json. */
export function hostsTable(hosts: readonly HostView[]): string {
  if (hosts.length === 0) return 'no host has enrolled yet\n';
  const rows = [
    ['HOST', 'STATE', 'INSTANCES', 'RANGES', 'ENROLLED', 'LAST REPORT'],
    ...hosts.map((host) => [
      host.hostId,
      host.state,
      String(host.instances),
      host.ranges.join(','),
      host.enrolledAt,
      host.lastReportAt ?? 'none',
    ]),
  ];
  const widths =
    rows[0]?.map((_title, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map(
      (row) =>
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd() + '\n',
    )
    .join('');
}

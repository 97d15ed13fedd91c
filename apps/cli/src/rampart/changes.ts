import type { Connection } from '../connection/connection.js';
import { askRampart } from '../connection/native.js';
import type { Given } from '../flags.js';
import { UsageError } from '../usage-error.js';
import { LIMIT_FLAG, limitIn } from './limit.js';
import { listingCommand } from './listing.js';

/** A change and what became of it, in numbers. Milliseconds count from the command's arrival. */
interface ChangeView {
  readonly position: number;
  readonly time: string;
  readonly requestId: string;
  readonly concerned: number;
  readonly enforced: number;
  readonly refused: number;
  readonly retired: number;
  readonly p50: number;
  readonly p99: number;
  readonly last: number;
  /** Of one change only: what is known of each host that it concerns. */
  readonly hosts?: readonly HostOutcome[];
}

interface HostOutcome {
  readonly hostId: string;
  readonly state: string;
  readonly milliseconds?: number;
  readonly reason?: string;
}

const MOST = 1000;

async function fetchChanges(connection: Connection, given: Given): Promise<readonly ChangeView[]> {
  const limit = limitIn(given, MOST);
  const answer = await askRampart<{ readonly changes: readonly ChangeView[] }>(
    connection,
    `/v1/changes?limit=${limit}`,
  );
  const [position] = given.operands;
  if (position === undefined) return answer.changes;
  if (!/^[0-9]+$/.test(position)) throw new UsageError(`change '${position}' is no position in the log`);
  return [await askRampart<ChangeView>(connection, `/v1/changes/${position}`)];
}

const milliseconds = (value: number): string => `${value.toFixed(1)} ms`;

/** Where no host is concerned, none took any time. */
const took = (value: number, { concerned }: ChangeView): string =>
  concerned === 0 ? '' : milliseconds(value);

const hostText = ({ hostId, state, milliseconds: taken, reason }: HostOutcome): string =>
  `${hostId} ${taken === undefined ? state : milliseconds(taken)}${reason === undefined ? '' : `: ${reason}`}`;

export const changes = listingCommand<ChangeView>({
  summary: 'Lists the latest changes, with how many hosts enforce each and how soon they did.',
  operands: '[position]',
  flags: [LIMIT_FLAG],
  examples: [
    ['', 'the latest 20, the newest first'],
    ['--limit 3 --json', 'for programs'],
  ],
  plural: 'changes',
  fetch: fetchChanges,
  columns: [
    ['CHANGE', ({ position }) => String(position)],
    ['TIME', ({ time }) => time],
    ['ENFORCED', ({ enforced, concerned }) => `${enforced}/${concerned}`],
    ['REFUSED', ({ refused }) => String(refused)],
    ['RETIRED', ({ retired }) => String(retired)],
    ['P50', (change) => took(change.p50, change)],
    ['P99', (change) => took(change.p99, change)],
    ['LAST', (change) => took(change.last, change)],
    ['REQUEST', ({ requestId }) => requestId],
    ['HOSTS', ({ hosts = [] }) => hosts.map(hostText).join(', ')],
  ],
  whenEmpty: 'nothing has changed since the control plane started',
});

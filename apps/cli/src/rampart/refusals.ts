import { askRampart } from '../connection/native.js';
import { LIMIT_FLAG, limitIn } from './limit.js';
import { listingCommand } from './listing.js';

interface RefusalView {
  readonly time: string;
  readonly action: string;
  /** Absent when nobody is proved to have asked. */
  readonly actor?: { readonly accountId?: string; readonly accessKeyId?: string };
  /** The key that was named, and did not sign. */
  readonly claimedKeyId?: string;
  readonly from?: string;
  readonly requestId: string;
  readonly code: string;
  readonly message: string;
}

const MOST = 1000;

const whoIn = ({ actor, claimedKeyId }: RefusalView): string => {
  const proved = actor?.accessKeyId ?? actor?.accountId;
  return proved ?? (claimedKeyId === undefined ? 'nobody known' : `${claimedKeyId}, not proved`);
};

export const refusals = listingCommand<RefusalView>({
  summary: 'Lists the latest commands that were refused, and why; the log holds only what happened.',
  operands: '',
  flags: [LIMIT_FLAG],
  examples: [
    ['', 'the latest 20, the newest first'],
    ['--limit 1000 --json', 'for programs'],
  ],
  plural: 'refusals',
  fetch: async (connection, given) => {
    const path = `/v1/refusals?limit=${limitIn(given, MOST)}`;
    return (await askRampart<{ readonly refusals: readonly RefusalView[] }>(connection, path)).refusals;
  },
  columns: [
    ['TIME', ({ time }) => time],
    ['ACTION', ({ action }) => action],
    ['WHO', whoIn],
    ['FROM', ({ from }) => from ?? ''],
    ['CODE', ({ code }) => code],
    ['REQUEST', ({ requestId }) => requestId],
    ['MESSAGE', ({ message }) => message], // last, as it may be long
  ],
  whenEmpty: 'nothing was refused since the control plane started',
});

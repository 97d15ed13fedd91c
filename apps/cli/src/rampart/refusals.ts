import { askRampart } from '../connection/native.js';
import { UsageError } from '../usage-error.js';
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

const whoIn = ({ actor, claimedKeyId }: RefusalView): string => {
  const proved = actor?.accessKeyId ?? actor?.accountId;
  return proved ?? (claimedKeyId === undefined ? 'nobody known' : `${claimedKeyId}, not proved`);
};

export const refusals = listingCommand<RefusalView>({
  summary: 'Lists the latest commands that were refused, and why; the log holds only what happened.',
  operands: '',
  flags: [{ flags: '--limit <number>', says: 'how many, 20 unless it is given' }],
  examples: [
    ['', 'the latest 20, the newest first'],
    ['--limit 1000 --json', 'for programs'],
  ],
  plural: 'refusals',
  fetch: async (connection, given) => {
    const limit = given.one('--limit') ?? '20';
    if (!/^[0-9]{1,4}$/.test(limit)) throw new UsageError(`--limit '${limit}' is no number up to 1000`);
    const path = `/v1/refusals?limit=${limit}`;
    return (await askRampart<{ readonly refusals: readonly RefusalView[] }>(connection, path)).refusals;
  },
  columns: [
    ['TIME', ({ time }) => time],
    ['ACTION', ({ action }) => action],
    ['WHO', whoIn],
    ['FROM', ({ from }) => from ?? ''],
    ['CODE', ({ code }) => code],
    ['MESSAGE', ({ message }) => message],
    ['REQUEST', ({ requestId }) => requestId],
  ],
  whenEmpty: 'nothing was refused since the control plane started',
});

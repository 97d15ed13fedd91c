import type { Flag, Given } from '../flags.js';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';

/** Where requests go, and who asks. */
export interface Connection {
  readonly endpoint: URL;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Is told of every request and answer; secrets are never among it. */
  readonly trace?: (text: string) => void;
}

/** Where a control plane listens unless told otherwise. */
const DEFAULT_URL = 'http://127.0.0.1:8770';
/** The scope of signatures, as in the classic tools; a cell has no regions. */
const DEFAULT_REGION = 'us-east-1';

export const CONNECTION_FLAGS: readonly Flag[] = [
  { flags: '-O, --aws-access-key <key>', says: 'access key id; else AWS_ACCESS_KEY_ID' },
  { flags: '-W, --aws-secret-key <key>', says: 'secret access key; else AWS_SECRET_ACCESS_KEY' },
  { flags: '-U, --url <url>', says: `the control plane; else EC2_URL, else ${DEFAULT_URL}` },
  { flags: '--region <region>', says: `region to sign for; else AWS_DEFAULT_REGION, else ${DEFAULT_REGION}` },
  { flags: '-v, --verbose', says: 'show requests and answers on standard error' },
];

/** Flags win over the environment. AWS_ACCESS_KEY and AWS_SECRET_KEY are what the classic tools read. */
export function connectionFrom(given: Given, { environment, err }: Terminal): Connection {
  const endpoint = endpointFrom(
    given.has('--url') ? '--url' : 'EC2_URL',
    given.one('--url') ?? environment['EC2_URL'],
  );
  const accessKeyId =
    given.one('--aws-access-key') ?? environment['AWS_ACCESS_KEY_ID'] ?? environment['AWS_ACCESS_KEY'];
  const secretAccessKey =
    given.one('--aws-secret-key') ?? environment['AWS_SECRET_ACCESS_KEY'] ?? environment['AWS_SECRET_KEY'];
  if (!accessKeyId) throw new UsageError('no access key: set AWS_ACCESS_KEY_ID, or give -O');
  if (!secretAccessKey) throw new UsageError('no secret key: set AWS_SECRET_ACCESS_KEY, or give -W');
  const region = given.one('--region') ?? environment['AWS_DEFAULT_REGION'] ?? DEFAULT_REGION;
  return { endpoint, region, accessKeyId, secretAccessKey, ...(given.has('--verbose') && { trace: err }) };
}

function endpointFrom(origin: string, text = DEFAULT_URL): URL {
  const url = URL.parse(text);
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new UsageError(`${origin} '${text}' is no web address: write it like ${DEFAULT_URL}`);
}

import type { Flag, Given } from '../flags.js';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';

/** Where requests go, who asks, and how long for. */
export interface Connection {
  readonly endpoint: URL;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly securityToken?: string;
  /** Seconds until there must be a connection, and then without a word from the other end. */
  readonly patience: { readonly connecting: number; readonly waiting: number };
  /** The moment that is asked about; the present unless there is one. */
  readonly at?: string;
  /** Is told of every request and answer; secrets are never among it. */
  readonly trace?: (text: string) => void;
}

/** Where a control plane listens unless told otherwise. */
const DEFAULT_URL = 'http://127.0.0.1:8770';
/** The scope of signatures, as in the classic tools; a cell has no regions. */
const DEFAULT_REGION = 'us-east-1';
const DEFAULT_PATIENCE = { connecting: 10, waiting: 60 };

export const CONNECTION_FLAGS: readonly Flag[] = [
  { flags: '-O, --aws-access-key <key>', says: 'access key id; else AWS_ACCESS_KEY_ID, AWS_ACCESS_KEY' },
  {
    flags: '-W, --aws-secret-key <key>',
    says: 'secret access key; else AWS_SECRET_ACCESS_KEY, AWS_SECRET_KEY',
  },
  { flags: '-T, --security-token <token>', says: 'token to send along; else AWS_DELEGATION_TOKEN' },
  { flags: '-K, --private-key <file>', says: 'not used: access keys sign', completes: 'file' },
  { flags: '-C, --cert <file>', says: 'not used: access keys sign', completes: 'file' },
  { flags: '-U, --url <url>', says: `the control plane; else EC2_URL, else ${DEFAULT_URL}` },
  {
    flags: '--region <region>',
    says: `region to sign for; else AWS_REGION, AWS_DEFAULT_REGION, EC2_REGION, else ${DEFAULT_REGION}`,
  },
  {
    flags: '--connection-timeout <seconds>',
    says: `give up when there is no connection by then; ${DEFAULT_PATIENCE.connecting} unless given`,
  },
  {
    flags: '--request-timeout <seconds>',
    says: `give up when there is no answer by then; ${DEFAULT_PATIENCE.waiting} unless given`,
  },
  { flags: '-v, --verbose', says: 'show requests and answers on standard error' },
  { flags: '--debug', says: 'show where an error comes from on standard error' },
];

/** Flags win over the environment, Amazon's variables of today over those of the classic tools. */
export function connectionFrom(given: Given, { environment, err }: Terminal): Connection {
  const setting = (flag: string, ...variables: readonly string[]): string | undefined =>
    given.one(flag) ?? variables.map((name) => environment[name]).find(Boolean);
  const url = setting('--url', 'EC2_URL');
  const accessKeyId = setting('--aws-access-key', 'AWS_ACCESS_KEY_ID', 'AWS_ACCESS_KEY');
  const secretAccessKey = setting('--aws-secret-key', 'AWS_SECRET_ACCESS_KEY', 'AWS_SECRET_KEY');
  const at = given.one('--at');
  const securityToken = setting('--security-token', 'AWS_DELEGATION_TOKEN');
  if (!accessKeyId) throw new UsageError('no access key: set AWS_ACCESS_KEY_ID, or give -O');
  if (!secretAccessKey) throw new UsageError('no secret key: set AWS_SECRET_ACCESS_KEY, or give -W');
  return {
    endpoint: endpointFrom(given.has('--url') ? '--url' : 'EC2_URL', url),
    region: setting('--region', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'EC2_REGION') ?? DEFAULT_REGION,
    accessKeyId,
    secretAccessKey,
    ...(securityToken && { securityToken }),
    ...(at !== undefined && { at }),
    patience: {
      connecting: secondsFrom(given, '--connection-timeout') ?? DEFAULT_PATIENCE.connecting,
      waiting: secondsFrom(given, '--request-timeout') ?? DEFAULT_PATIENCE.waiting,
    },
    ...(given.has('--verbose') && { trace: err }),
  };
}

function endpointFrom(origin: string, text = DEFAULT_URL): URL {
  const url = URL.parse(text);
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new UsageError(`${origin} '${text}' is no web address: write it like ${DEFAULT_URL}`);
}

function secondsFrom(given: Given, flag: string): number | undefined {
  const text = given.one(flag);
  if (text === undefined || /^[0-9]{1,6}(\.[0-9]+)?$/.test(text))
    return text === undefined ? undefined : Number(text);
  throw new UsageError(`${flag} '${text}' is no number of seconds: write ${flag} 30`);
}

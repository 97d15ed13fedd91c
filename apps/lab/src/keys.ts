import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { AccountId } from '#libs/domain';
import { DIRECTORY, FILES, ROOT } from './paths.js';

/** What every account here says it is in; SDKs and Terraform know this name. */
export const REGION = 'us-east-1';

export interface AccessKey {
  readonly accountId: AccountId;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly operator?: boolean;
}

export interface LabKeys {
  readonly own: AccessKey;
  /** A second account's, for rules that name another account's groups. */
  readonly other: AccessKey;
}

/** New for every lab; the accounts are always the same. */
export const makeKeys = (): LabKeys => ({
  own: { ...keyOf('111122223333' as AccountId), operator: true },
  other: keyOf('444455556666' as AccountId),
});

/** In the form of AWS's: 20 capital letters and digits, and 40 characters of base64. */
function keyOf(accountId: AccountId): AccessKey {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const id = [...randomBytes(16)].map((byte) => letters[byte % letters.length]).join('');
  return { accountId, accessKeyId: `AKIA${id}`, secretAccessKey: randomBytes(30).toString('base64') };
}

export interface Endpoints {
  readonly endpoint: string;
  readonly natsUrl: string;
}

/** For the control plane, and for the shells of people and scripts. */
export function writeKeys(keys: LabKeys, endpoints: Endpoints): void {
  writePrivately(FILES.keys, `${JSON.stringify([keys.own, keys.other], undefined, 2)}\n`);
  writePrivately(FILES.environment, shellFile(keys, endpoints));
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writePrivately(FILES.signingKey, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writePrivately(FILES.publicKey, publicKey.export({ type: 'spki', format: 'pem' }));
}

export function shellFile({ own, other }: LabKeys, { endpoint, natsUrl }: Endpoints): string {
  const variables = {
    EC2_URL: endpoint,
    AWS_ENDPOINT_URL_EC2: endpoint,
    AWS_ENDPOINT_URL_STS: endpoint,
    AWS_ACCESS_KEY_ID: own.accessKeyId,
    AWS_SECRET_ACCESS_KEY: own.secretAccessKey,
    AWS_DEFAULT_REGION: REGION,
    AWS_REGION: REGION,
    RAMPART_OTHER_ACCESS_KEY_ID: other.accessKeyId,
    RAMPART_OTHER_SECRET_ACCESS_KEY: other.secretAccessKey,
    RAMPART_NATS_URL: natsUrl,
    RAMPART_DIRECTORY: DIRECTORY,
  };
  return [
    `# Account ${own.accountId}; RAMPART_OTHER_… is account ${other.accountId}. Read it with:  . ${quoted(FILES.environment)}`,
    `export PATH=${quoted(`${ROOT}/apps/cli/bin`)}:"$PATH"`,
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
    // Clients would prefer these to the keys above.
    'unset AWS_PROFILE AWS_SESSION_TOKEN',
    '',
  ].join('\n');
}

/** In single quotes nothing is special to sh, bash and zsh but the quote itself. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const writePrivately = (path: string, text: string): void => writeFileSync(path, text, { mode: 0o600 });

import { join } from 'node:path';
import { z } from 'zod';
import { natsSettingsFrom, type NatsSettings } from '#libs/bus';
import { sqliteFileIn, STORE_ADDRESS, withoutPassword } from '#libs/event-store';
import { EC2_LIMITS, parseAccountId, type AccountId, type Limits } from '#libs/domain';
import type { Rate, Rates } from './accounts/throttle.js';
import { DEFAULT_HORIZON, type ReceiptHorizon } from './receipts/receipt-board.js';

/** Checked settings of a control plane; also what they are injected by. */
export abstract class Settings {
  abstract readonly listen: { readonly host: string; readonly port: number };
  abstract readonly nats: NatsSettings;
  /** File of the access keys; their accounts are opened too. Without it nobody can sign. */
  abstract readonly accessKeysFile: string | undefined;
  abstract readonly region: string;
  /** The address of the log's store. */
  abstract readonly log: string;
  /** File of the index of the log's past; `:memory:` and `UNNAMED` end with the process. */
  abstract readonly history: string;
  /** PEM file of the Ed25519 key that signs heads of the log; without it, nothing signs. */
  abstract readonly signingKeyFile: string | undefined;
  /** Signed heads are appended to this file too. */
  abstract readonly headsFile: string | undefined;
  /** What was refused is appended to this file, one line of JSON each. */
  abstract readonly refusalsFile: string | undefined;
  /** Opened at start when they are not yet. */
  abstract readonly accounts: readonly AccountId[];
  abstract readonly limits: Limits;
  /** How fast each access key may ask; by default as fast as it can. */
  abstract readonly throttle: Rates;
  /** Bytes of a request's body. */
  abstract readonly longestBody: number;
  /** How many changes are remembered, and when a host lags. */
  abstract readonly receipts: ReceiptHorizon;
}

/** A file without a name, as SQLite has it. */
export const UNNAMED = '';

const LOG = "use 'memory', 'sqlite:' and a file, or an address in JetStream or KurrentDB";
const positive = (fallback: number) => z.coerce.number().int().positive().default(fallback);
const account = z.string().transform((text, context) => {
  const accountId = parseAccountId(text);
  if (!accountId) context.addIssue(`'${text}' is no account id: use 12 digits`);
  return accountId ?? z.NEVER;
});

const RATE = "use requests a second, and how many at once: '100' or '100:200'";
const rate = z
  .string(RATE)
  .regex(/^[0-9]{1,6}(?:\.[0-9]{1,3})?(?::[1-9][0-9]{0,6})?$/, RATE)
  .transform((text): Rate => {
    const [perSecond = 0, burst = Math.max(1, Math.ceil(perSecond))] = text.split(':').map(Number);
    return { perSecond, burst };
  })
  .refine(({ perSecond }) => perSecond > 0, RATE)
  .optional();

const environment = z.object({
  RAMPART_LISTEN: z
    .string()
    .regex(/^.+:[0-9]{1,5}$/, 'use host:port')
    .default('127.0.0.1:8770'),
  RAMPART_NATS_URL: z.string().default('nats://127.0.0.1:4222'),
  RAMPART_NATS_USER: z.string().optional(),
  RAMPART_NATS_PASSWORD: z.string().optional(),
  RAMPART_ACCESS_KEYS: z.string().optional(),
  RAMPART_REGION: z.string().default('us-east-1'),
  RAMPART_LOG: z.string(LOG).regex(STORE_ADDRESS, LOG),
  RAMPART_HISTORY: z.string().min(1).optional(),
  RAMPART_SIGNING_KEY: z.string().optional(),
  RAMPART_HEADS_FILE: z.string().optional(),
  RAMPART_REFUSALS_FILE: z.string().optional(),
  RAMPART_ACCOUNTS: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(account))
    .optional(),
  RAMPART_LIMIT_GROUPS: positive(EC2_LIMITS.groupsPerAccount),
  RAMPART_LIMIT_RULES: positive(EC2_LIMITS.rulesPerGroup),
  RAMPART_LIMIT_GROUPS_PER_INSTANCE: positive(EC2_LIMITS.groupsPerInstance),
  RAMPART_LIMIT_PREFIX_LISTS: positive(EC2_LIMITS.prefixListsPerAccount),
  RAMPART_LIMIT_PREFIX_LIST_ENTRIES: positive(EC2_LIMITS.entriesPerPrefixList),
  RAMPART_LIMIT_TAGS: positive(EC2_LIMITS.tagsPerResource),
  RAMPART_THROTTLE_READS: rate,
  RAMPART_THROTTLE_CHANGES: rate,
  RAMPART_LONGEST_BODY: positive(1024 * 1024),
  RAMPART_LAGGING_MS: positive(DEFAULT_HORIZON.laggingAfter),
  RAMPART_RECEIPTS: positive(DEFAULT_HORIZON.receipts),
  RAMPART_RECEIPT_OUTCOMES: positive(DEFAULT_HORIZON.outcomes),
  RAMPART_RECEIPT_SUMMARIES: positive(DEFAULT_HORIZON.summaries),
});

/** Throws with every variable that is wrong, its value and the fix. */
export function settingsFrom(variables: NodeJS.ProcessEnv): Settings {
  const parsed = environment.safeParse(variables);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path: [name = ''], message }) => {
      const value = variables[String(name)];
      return `${String(name)}${value === undefined ? ' is not set' : `='${withoutPassword(value)}'`}: ${message}`;
    });
    throw new Error(`the settings can't be used:\n${lines.join('\n')}`);
  }
  const { data } = parsed;
  const colon = data.RAMPART_LISTEN.lastIndexOf(':');
  return {
    listen: { host: data.RAMPART_LISTEN.slice(0, colon), port: Number(data.RAMPART_LISTEN.slice(colon + 1)) },
    nats: natsSettingsFrom(data.RAMPART_NATS_URL, data.RAMPART_NATS_USER, data.RAMPART_NATS_PASSWORD),
    accessKeysFile: data.RAMPART_ACCESS_KEYS,
    region: data.RAMPART_REGION,
    log: data.RAMPART_LOG,
    history: data.RAMPART_HISTORY ?? historyFor(data.RAMPART_LOG, variables['STATE_DIRECTORY']),
    signingKeyFile: data.RAMPART_SIGNING_KEY,
    headsFile: data.RAMPART_HEADS_FILE,
    refusalsFile: data.RAMPART_REFUSALS_FILE,
    accounts: data.RAMPART_ACCOUNTS ?? [],
    limits: {
      groupsPerAccount: data.RAMPART_LIMIT_GROUPS,
      rulesPerGroup: data.RAMPART_LIMIT_RULES,
      groupsPerInstance: data.RAMPART_LIMIT_GROUPS_PER_INSTANCE,
      prefixListsPerAccount: data.RAMPART_LIMIT_PREFIX_LISTS,
      entriesPerPrefixList: data.RAMPART_LIMIT_PREFIX_LIST_ENTRIES,
      tagsPerResource: data.RAMPART_LIMIT_TAGS,
    },
    throttle: {
      ...(data.RAMPART_THROTTLE_READS && { read: data.RAMPART_THROTTLE_READS }),
      ...(data.RAMPART_THROTTLE_CHANGES && { change: data.RAMPART_THROTTLE_CHANGES }),
    },
    longestBody: data.RAMPART_LONGEST_BODY,
    receipts: {
      receipts: data.RAMPART_RECEIPTS,
      outcomes: data.RAMPART_RECEIPT_OUTCOMES,
      summaries: data.RAMPART_RECEIPT_SUMMARIES,
      laggingAfter: data.RAMPART_LAGGING_MS,
    },
  };
}

/**
 * Beside a log that is a file; for one that is elsewhere in the folder that systemd keeps for us, or a file without a
 * name (sqlite.org/inmemorydb.html, "Temporary Databases") that ends with the process.
 */
function historyFor(log: string, stateFolder: string | undefined): string {
  const file = sqliteFileIn(log);
  if (file !== undefined) return `${file}.history`;
  if (log === 'memory') return ':memory:';
  return stateFolder === undefined ? UNNAMED : join(stateFolder, 'log.history');
}

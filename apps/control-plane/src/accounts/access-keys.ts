import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseAccountId, type AccountId } from '#libs/domain';
import type { AccessKey } from '#libs/protocol';

export interface AccountKey extends AccessKey {
  readonly accountId: AccountId;
  /** Sees every account's changes, and may retire hosts. */
  readonly operator?: boolean | undefined;
}

const entries = z.array(
  z.object({
    accountId: z.string().transform((text, context) => {
      const accountId = parseAccountId(text);
      if (!accountId) context.addIssue(`'${text}' is no account id: use 12 digits`);
      return accountId ?? z.NEVER;
    }),
    accessKeyId: z.string().regex(/^\w{16,128}$/, 'use 16 to 128 letters and digits'),
    secretAccessKey: z.string().min(16, 'use 16 characters or more'),
    operator: z.boolean().optional(),
  }),
);

/** Who may sign for which account. */
export class AccessKeys {
  readonly #keys: ReadonlyMap<string, AccountKey>;

  constructor(keys: readonly AccountKey[]) {
    this.#keys = new Map(keys.map((key) => [key.accessKeyId, key]));
  }

  get accountIds(): readonly AccountId[] {
    return [...new Set(this.#keys.values().map(({ accountId }) => accountId))];
  }

  find(accessKeyId: string): AccountKey | undefined {
    return this.#keys.get(accessKeyId);
  }
}

/**
 * From a JSON file, `[{"accountId": "111122223333", "accessKeyId": "…", "secretAccessKey": "…"}]`. Throws with the
 * file, the field and the fix; never with a secret.
 */
export function readAccessKeys(file: string): AccessKeys {
  const parsed = entries.safeParse(jsonOf(file));
  if (parsed.success) return new AccessKeys(parsed.data);
  const issues = parsed.error.issues.map(
    ({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`,
  );
  throw new Error(`the access keys in ${file} can't be used: ${issues.join('; ')}`);
}

function jsonOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is no JSON' : (error as Error).message;
    throw new Error(`the access keys in ${file} can't be read: ${why}`, { cause: error });
  }
}

import { claimOf, verifySignature, type SignableRequest } from '#libs/protocol';
import type { AccessKeys, AccountKey } from './access-keys.js';

export type Authentication =
  | { readonly authenticated: true; readonly key: AccountKey }
  | {
      readonly authenticated: false;
      readonly code: string;
      readonly message: string;
      readonly status: number;
      /** The access key that the request names, if it names one. */
      readonly claimedKeyId?: string;
    };

/** EC2 answers 401 for a key that it does not know, 403 where a signature says nothing, and 400 to the rest. */
const STATUSES: Readonly<Record<string, number>> = {
  AuthFailure: 401,
  SignatureDoesNotMatch: 403,
  MissingAuthenticationToken: 403,
  InvalidClientTokenId: 403,
};

/** Who signed the request, if somebody did who may. */
export function authenticate(request: SignableRequest, keys: AccessKeys): Authentication {
  const ageOf = (moment: string): number => Date.now() - Date.parse(moment);
  const outcome = verifySignature(request, (accessKeyId) => keys.find(accessKeyId), ageOf);
  if (!outcome.verified) {
    const claim = claimOf(request);
    const claimed = 'accessKeyId' in claim ? { claimedKeyId: claim.accessKeyId } : {};
    return { authenticated: false, ...outcome, status: STATUSES[outcome.code] ?? 400, ...claimed };
  }
  const key = keys.find(outcome.accessKeyId);
  if (!key) throw new Error('a signature was verified by a key that is not there');
  return { authenticated: true, key };
}

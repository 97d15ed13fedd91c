import { timingSafeEqual } from 'node:crypto';
import type { Instant } from '#libs/domain';
import {
  canonicalRequest,
  sha256,
  signatureOf,
  type AccessKey,
  type SignableRequest,
} from './canonical-request.js';
import { claimOf, type Claim } from './signature-claim.js';

export type Verification =
  { readonly verified: true; readonly accessKeyId: string } | (Refused & { readonly verified: false });

interface Refused {
  readonly code: string;
  readonly message: string;
}

/** A request is good for this long around its date (AWS: 15 minutes), so that a recorded one can't be sent later. */
const TOLERANCE_MS = 15 * 60 * 1000;
const SERVICES = ['ec2', 'sts', 'rampart'];

/**
 * AWS Signature Version 4 by header or by query string, for any region. Says who signed, or EC2's code for why that
 * can't be told. The comparison takes the same time however much of the signature is right.
 */
export function verifySignature(
  request: SignableRequest,
  keyOf: (accessKeyId: string) => AccessKey | undefined,
  ageOf: (moment: Instant) => number,
): Verification {
  const claim = claimOf(request);
  if ('code' in claim) return { verified: false, ...claim };
  const key = keyOf(claim.accessKeyId);
  const refused =
    wrongScope(claim) ??
    (key ? undefined : unknownKey(claim)) ??
    wrongAge(claim, ageOf(isoOf(claim.timestamp))) ??
    unsigned(claim);
  if (refused || !key) return { verified: false, ...(refused ?? unknownKey(claim)) };
  const canonical = canonicalRequest(
    { ...request, query: claim.isPresigned ? withoutSignature(request.query) : request.query },
    claim.signedHeaders,
    bodyHashOf(request),
  );
  const expected = signatureOf(canonical, key.secretAccessKey, claim.scope, claim.timestamp);
  return isSame(expected, claim.signature)
    ? { verified: true, accessKeyId: claim.accessKeyId }
    : {
        verified: false,
        code: 'SignatureDoesNotMatch',
        message:
          'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
      };
}

const wrongScope = ({ scope: { service } }: Claim): Refused | undefined =>
  SERVICES.includes(service)
    ? undefined
    : {
        code: 'SignatureDoesNotMatch',
        message: `Credential should be scoped to correct service: '${SERVICES.join("' or '")}', not '${service}'`,
      };

const unknownKey = ({ accessKeyId }: Claim): Refused => ({
  code: 'AuthFailure',
  message: `AWS was not able to validate the provided access credentials: there is no access key '${accessKeyId}'`,
});

/** A presigned request says itself how long it is good for. */
function wrongAge({ timestamp, expires }: Claim, age: number): Refused | undefined {
  if (Number.isNaN(age))
    return { code: 'IncompleteSignature', message: `There is no moment such as '${timestamp}'` };
  const limit = expires === undefined ? TOLERANCE_MS : expires * 1000;
  if (age <= limit && age >= -TOLERANCE_MS) return undefined;
  const seconds = Math.round(Math.abs(age) / 1000);
  return {
    code: 'RequestExpired',
    message: `Request has expired: it is dated ${timestamp}, which by the clock here is ${seconds} seconds ${age < 0 ? 'ahead' : 'ago'}`,
  };
}

/** Without these a signature could be moved to another server, or to another day. */
function unsigned({ signedHeaders, isPresigned }: Claim): Refused | undefined {
  const missing = (isPresigned ? ['host'] : ['host', 'x-amz-date']).find(
    (name) => !signedHeaders.includes(name),
  );
  return missing === undefined
    ? undefined
    : { code: 'SignatureDoesNotMatch', message: `The '${missing}' header must be signed` };
}

/** A client may leave the body out of what it signs; since it says so where the hash would be, it is signed too. */
const bodyHashOf = ({ headers, body }: SignableRequest): string =>
  headers['x-amz-content-sha256'] === 'UNSIGNED-PAYLOAD' ? 'UNSIGNED-PAYLOAD' : sha256(body);

const withoutSignature = (query: string): string =>
  query
    .split('&')
    .filter((pair) => !pair.startsWith('X-Amz-Signature='))
    .join('&');

/** `YYYYMMDDTHHMMSSZ` as ISO 8601 has it. */
const isoOf = (timestamp: string): Instant =>
  timestamp.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');

function isSame(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

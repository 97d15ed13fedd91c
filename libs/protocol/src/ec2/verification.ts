import { timingSafeEqual } from 'node:crypto';
import type { Instant } from '#libs/domain';
import {
  ALGORITHM,
  canonicalRequest,
  sha256,
  signatureOf,
  type AccessKey,
  type SignableRequest,
} from './canonical-request.js';

export type Verification =
  | { readonly verified: true; readonly accessKeyId: string }
  | { readonly verified: false; readonly code: string; readonly message: string };

/** A request is good for this long around its date (AWS: 15 minutes), so that a recorded one can't be sent later. */
const TOLERANCE_MS = 15 * 60 * 1000;
/** A presigned request may be good for up to seven days. */
const LONGEST_MS = 7 * 24 * 60 * 60 * 1000;
const SERVICES = ['ec2', 'rampart'];
const MANDATORY = 'host';

/**
 * AWS Signature Version 4 by header or by query string, for any region. Says who signed, or EC2's code for why that
 * can't be told. The comparison takes the same time however much of the signature is right.
 */
export function verifySignature(
  request: SignableRequest,
  keyOf: (accessKeyId: string) => AccessKey | undefined,
  ageOf: (moment: Instant) => number,
): Verification {
  const no = (code: string, message: string): Verification => ({ verified: false, code, message });
  const claim = claimOf(request);
  if (claim === undefined) return no('MissingAuthenticationToken', 'Request is missing Authentication Token');
  if (typeof claim === 'string') return no('IncompleteSignature', claim);
  const { credential, signedHeaders, signature, timestamp, isPresigned, expires, token } = claim;
  if (token !== undefined)
    return no(
      'InvalidClientTokenId',
      'Session tokens are not used here: sign with an access key of this installation',
    );
  const [accessKeyId = '', day = '', region = '', service = '', terminator = '', ...rest] =
    credential.split('/');
  if (terminator !== 'aws4_request' || rest.length > 0 || !timestamp.startsWith(day) || day.length !== 8)
    return no(
      'IncompleteSignature',
      `The credential '${credential}' is not key/YYYYMMDD/region/service/aws4_request of the request's day`,
    );
  if (!SERVICES.includes(service))
    return no(
      'SignatureDoesNotMatch',
      `Credential should be scoped to correct service: '${SERVICES.join("' or '")}', not '${service}'`,
    );
  const key = keyOf(accessKeyId);
  if (!key)
    return no(
      'AuthFailure',
      `AWS was not able to validate the provided access credentials: there is no access key '${accessKeyId}'`,
    );
  const age = ageOf(isoOf(timestamp));
  const limit = isPresigned ? Math.max(TOLERANCE_MS, Math.min(expires * 1000, LONGEST_MS)) : TOLERANCE_MS;
  if (!(age <= limit && age >= -TOLERANCE_MS))
    return no(
      'RequestExpired',
      `Request has expired: it is dated ${timestamp}, which is ${Math.round(age / 1000)} seconds ago by the clock here`,
    );
  if (!signedHeaders.includes(MANDATORY))
    return no('SignatureDoesNotMatch', "The 'host' header must be signed");
  const bare = isPresigned ? { ...request, query: withoutSignature(request.query) } : request;
  const canonical = canonicalRequest(bare, signedHeaders, bodyHashOf(request));
  const expected = signatureOf(canonical, key.secretAccessKey, { day, region, service }, timestamp);
  if (!isSame(expected, signature))
    return no(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    );
  return { verified: true, accessKeyId };
}

interface Claim {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly timestamp: string;
  readonly token: string | undefined;
  readonly isPresigned: boolean;
  /** Seconds; of a presigned request only. */
  readonly expires: number;
}

/** Undefined when nothing is signed; text when what is said of the signature can't be understood. */
function claimOf({ headers, query }: SignableRequest): Claim | string | undefined {
  const parameters = new URLSearchParams(query);
  const isPresigned = parameters.has('X-Amz-Signature');
  const header = headers['authorization'];
  if (!isPresigned && header === undefined) return undefined;
  if (!isPresigned && !header?.startsWith(`${ALGORITHM} `))
    return `The Authorization header must begin with '${ALGORITHM}'`;
  const parts = new Map(
    (header ?? '')
      .slice(ALGORITHM.length)
      .split(',')
      .map((part): [string, string] => {
        const equals = part.indexOf('=');
        return [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
      }),
  );
  const value = (name: string): string =>
    (isPresigned ? parameters.get(`X-Amz-${name}`) : parts.get(name)) ?? '';
  const timestamp = (isPresigned ? parameters.get('X-Amz-Date') : headers['x-amz-date']) ?? '';
  const missing = ['Credential', 'SignedHeaders', 'Signature'].find((name) => value(name) === '');
  if (missing !== undefined) return `The signature has no ${missing}`;
  if (!/^\d{8}T\d{6}Z$/.test(timestamp)) return `The request's date '${timestamp}' is not YYYYMMDDTHHMMSSZ`;
  return {
    credential: value('Credential'),
    signedHeaders: value('SignedHeaders').split(';'),
    signature: value('Signature'),
    timestamp,
    token: headers['x-amz-security-token'] ?? parameters.get('X-Amz-Security-Token') ?? undefined,
    isPresigned,
    expires: Number(parameters.get('X-Amz-Expires') ?? 0) || 0,
  };
}

/** A client may leave the body out of what it signs, and must then say so in a signed header. */
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

const isSame = (expected: string, given: string): boolean =>
  expected.length === given.length && timingSafeEqual(Buffer.from(expected), Buffer.from(given));

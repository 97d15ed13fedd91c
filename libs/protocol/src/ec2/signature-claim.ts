import { ALGORITHM, type Scope, type SignableRequest } from './canonical-request.js';

/** What a request says of its signature, before anybody knows whether that is true. */
export interface Claim {
  readonly accessKeyId: string;
  readonly scope: Scope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly timestamp: string;
  readonly isPresigned: boolean;
  /** Seconds; of a presigned request only. */
  readonly expires?: number;
}

interface Unclear {
  readonly code: string;
  readonly message: string;
}

/** A presigned request may be good for up to seven days. */
const LONGEST_SECONDS = 7 * 24 * 60 * 60;

const incomplete = (message: string): Unclear => ({ code: 'IncompleteSignature', message });

/** The claim in the Authorization header or in the query string; or why there is none that can be understood. */
export function claimOf({ headers, query }: SignableRequest): Claim | Unclear {
  const parameters = new URLSearchParams(query);
  const isPresigned = parameters.has('X-Amz-Signature');
  const header = headers['authorization'];
  if (!isPresigned && header === undefined)
    return { code: 'MissingAuthenticationToken', message: 'Request is missing Authentication Token' };
  if (isPresigned && header !== undefined)
    return incomplete('The request is signed twice: use the Authorization header or the query string');
  if ((headers['x-amz-security-token'] ?? parameters.get('X-Amz-Security-Token') ?? undefined) !== undefined)
    return {
      code: 'InvalidClientTokenId',
      message: 'Session tokens are not used here: sign with an access key of this installation',
    };
  const algorithm = isPresigned ? parameters.get('X-Amz-Algorithm') : header?.split(' ', 1)[0];
  if (algorithm !== ALGORITHM) return incomplete(`The signature must begin with '${ALGORITHM}'`);
  const parts = partsOf(header ?? '');
  const value = (name: string): string =>
    (isPresigned ? parameters.get(`X-Amz-${name}`) : parts.get(name)) ?? '';
  const missing = ['Credential', 'SignedHeaders', 'Signature'].find((name) => value(name) === '');
  if (missing !== undefined) return incomplete(`The signature has no ${missing}`);
  const timestamp = (isPresigned ? parameters.get('X-Amz-Date') : headers['x-amz-date']) ?? '';
  if (!/^\d{8}T\d{6}Z$/.test(timestamp))
    return incomplete(`The request's date '${timestamp}' is not YYYYMMDDTHHMMSSZ`);
  const expires = Number(parameters.get('X-Amz-Expires'));
  if (isPresigned && !(expires >= 1 && expires <= LONGEST_SECONDS))
    return incomplete(`X-Amz-Expires must be 1 to ${LONGEST_SECONDS} seconds`);
  const credential = value('Credential').split('/');
  const [accessKeyId = '', day = '', region = '', service = '', terminator = ''] = credential;
  if (credential.length !== 5 || terminator !== 'aws4_request' || day !== timestamp.slice(0, 8))
    return incomplete(
      `The credential '${value('Credential')}' is not key/YYYYMMDD/region/service/aws4_request of the request's day`,
    );
  return {
    accessKeyId,
    scope: { day, region, service },
    signedHeaders: value('SignedHeaders').split(';'),
    signature: value('Signature'),
    timestamp,
    isPresigned,
    ...(isPresigned ? { expires } : {}),
  };
}

/** `Credential=…, SignedHeaders=…, Signature=…` */
const partsOf = (header: string): ReadonlyMap<string, string> =>
  new Map(
    header
      .slice(ALGORITHM.length)
      .split(',')
      .map((part): [string, string] => {
        const equals = part.indexOf('=');
        return [part.slice(0, equals).trim(), part.slice(equals + 1).trim()];
      }),
  );

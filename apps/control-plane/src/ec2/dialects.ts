import {
  EC2_NAMESPACE,
  xmlDocument,
  type Ec2Error,
  type SignableRequest,
  type XmlFields,
} from '#libs/protocol';
import type { Action } from './action.js';
import { ACTIONS } from './actions/index.js';
import { getCallerIdentity } from './actions/caller-identity.js';

/** A service's actions, and how it words what became of them. */
export interface Dialect {
  readonly actions: ReadonlyMap<string, Action>;
  readonly answer: (action: string, content: XmlFields, requestId: string) => Generator<string, void>;
  readonly refusal: (error: Ec2Error, requestId: string) => string;
}

const whole = (name: string, content: XmlFields, namespace?: string): string =>
  [...xmlDocument(name, content, namespace)].join('');

export const EC2: Dialect = {
  actions: ACTIONS,
  answer: (action, content, requestId) =>
    xmlDocument(`${action}Response`, { requestId, ...content }, EC2_NAMESPACE),
  refusal: ({ code, message }, requestId) =>
    whole('Response', { Errors: { Error: { Code: code, Message: message } }, RequestID: requestId }),
};

const STS_NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
/** AWS Security Token Service API reference, "Common errors", where it has another name for the same. */
const STS_CODES: Readonly<Record<string, string>> = { AuthFailure: 'InvalidClientTokenId' };

/** Only what clients ask before they start: who am I? */
const STS: Dialect = {
  actions: new Map([['GetCallerIdentity', getCallerIdentity]]),
  answer: (action, content, requestId) =>
    xmlDocument(
      `${action}Response`,
      { [`${action}Result`]: content, ResponseMetadata: { RequestId: requestId } },
      STS_NAMESPACE,
    ),
  refusal: ({ code, message, status }, requestId) =>
    whole(
      'ErrorResponse',
      {
        Error: {
          Type: status < 500 ? 'Sender' : 'Receiver',
          Code: STS_CODES[code] ?? code,
          Message: message,
        },
        RequestId: requestId,
      },
      STS_NAMESPACE,
    ),
};

/** The service that the request says it is signed for; that is known before the signature is. */
export const dialectOf = ({ headers, query }: SignableRequest): Dialect =>
  /(?:\/|%2F)sts(?:\/|%2F)aws4_request/i.test(headers['authorization'] ?? query) ? STS : EC2;

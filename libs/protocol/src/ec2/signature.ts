import {
  ALGORITHM,
  canonicalRequest,
  scopeText,
  sha256,
  signatureOf,
  type AccessKey,
  type SignableRequest,
} from './canonical-request.js';

/**
 * The headers that sign a request by AWS Signature Version 4, to be added to it. `time` is ISO 8601 in UTC; the
 * `host` header must be among the request's.
 */
export function signRequest(
  request: SignableRequest,
  { accessKeyId, secretAccessKey }: AccessKey,
  { region, service, time }: { readonly region: string; readonly service: string; readonly time: string },
): Record<string, string> {
  const timestamp = time.replaceAll(/[-:]|\.\d+/g, '');
  const scope = { day: timestamp.slice(0, 8), region, service };
  const bodyHash = sha256(request.body);
  const added = { 'x-amz-date': timestamp, 'x-amz-content-sha256': bodyHash };
  const signed = { ...request, headers: { ...request.headers, ...added } };
  const names = Object.keys(signed.headers).toSorted();
  const signature = signatureOf(canonicalRequest(signed, names, bodyHash), secretAccessKey, scope, timestamp);
  const credential = `Credential=${accessKeyId}/${scopeText(scope)}`;
  const authorization = `${ALGORITHM} ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...added, authorization };
}

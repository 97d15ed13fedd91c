import { createHash } from 'node:crypto';
import type { ClientToken } from '#libs/domain';
import type { QueryParameters } from '#libs/protocol';

/** The request's ClientToken, as a command takes it; `wish` is all that must be the same when it is sent again. */
export function clientTokenFrom(
  parameters: QueryParameters,
  wish: object,
): { readonly clientToken?: ClientToken } {
  const token = parameters.text('ClientToken');
  if (token === undefined) return {};
  const digest = createHash('sha256').update(JSON.stringify(wish)).digest('hex');
  return { clientToken: { token, parameters: digest } };
}

import { createHash } from 'node:crypto';
import type { ClientToken } from '#libs/domain';
import { Ec2Error, type QueryParameters } from '#libs/protocol';

/** Amazon EC2 API reference, "Ensuring idempotency": up to 64 ASCII characters. */
const SHAPE = /^[\x21-\x7e]{1,64}$/;

/** The request's ClientToken, as a command takes it; `wish` is all that must be the same when it is sent again. */
export function clientTokenFrom(
  parameters: QueryParameters,
  wish: object,
): { readonly clientToken?: ClientToken } {
  const token = parameters.text('ClientToken');
  if (token === undefined) return {};
  if (!SHAPE.test(token))
    throw new Ec2Error(
      'InvalidParameterValue',
      'Value for parameter ClientToken is invalid: use up to 64 ASCII characters without spaces',
    );
  const digest = createHash('sha256').update(JSON.stringify(wish)).digest('hex');
  return { clientToken: { token, parameters: digest } };
}

import type { Action } from '../action.js';

/** An access key speaks for its account, as the account's own root. */
export const getCallerIdentity: Action = (_parameters, { account: { accountId } }) => ({
  Arn: `arn:aws:iam::${accountId}:root`,
  UserId: accountId,
  Account: accountId,
});

import { accept, refuse, type Decision, type Event } from '../cell/messages.js';
import type { CellState } from '../cell/state.js';
import { put, remove } from '../cell/undo-log.js';
import type { AccountId } from '../values/ids.js';
import type { ClientToken, ClientTokenUsed } from './messages.js';

/** Tokens are for retries, which come soon; so many of the newest are remembered. */
export const REMEMBERED_CLIENT_TOKENS = 10_000;

export const tokenKey = (accountId: AccountId, token: string): string => `${accountId} ${token}`;

/** The answer to a command that was carried out already: nothing new happens. Undefined when it is the first. */
export function repeated(
  accountId: AccountId,
  clientToken: ClientToken | undefined,
  state: CellState,
): Decision | undefined {
  if (!clientToken) return undefined;
  const used = state.clientTokens.get(tokenKey(accountId, clientToken.token));
  if (!used) return undefined;
  return used.parameters === clientToken.parameters
    ? accept()
    : refuse({ code: 'ClientTokenMismatch', token: clientToken.token });
}

/** The events of a command, with the use of its token after them. */
export function acceptOnce(
  accountId: AccountId,
  clientToken: ClientToken | undefined,
  resourceIds: readonly string[],
  events: readonly Event[],
): Decision {
  return clientToken
    ? accept(...events, { type: 'ClientTokenUsed', accountId, ...clientToken, resourceIds })
    : accept(...events);
}

export function clientTokenUsed(state: CellState, event: ClientTokenUsed): void {
  const { clientTokens, undo } = state;
  put(undo, clientTokens, tokenKey(event.accountId, event.token), event);
  const oldest = clientTokens.keys().next().value;
  if (clientTokens.size > REMEMBERED_CLIENT_TOKENS && oldest !== undefined)
    remove(undo, clientTokens, oldest);
}

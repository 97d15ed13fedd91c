import type { Actor } from '#libs/domain';
import type { AccountKey } from './access-keys.js';
import type { Authentication } from './authentication.js';
import type { HttpRequest } from './signed-request.js';

/** Who asks, by a key that signed and from an address, as the log keeps it. */
export const actorOf = (
  { accountId, accessKeyId }: AccountKey,
  from: string | undefined,
): Extract<Actor, { kind: 'account' }> => ({
  kind: 'account',
  accountId,
  accessKeyId,
  ...(from === undefined ? {} : { from }),
});

/** What is known of who asked for something that was refused. */
export function askerOf(
  who: Authentication | undefined,
  from: string | undefined,
): { readonly actor?: Actor; readonly claimedKeyId?: string; readonly from?: string } {
  const where = from === undefined ? {} : { from };
  if (who?.authenticated) return { actor: actorOf(who.key, from), ...where };
  return who?.claimedKeyId === undefined ? where : { claimedKeyId: who.claimedKeyId, ...where };
}

/** Where the connection comes from: a proxy's address behind a proxy. None over a unix socket. */
export const addressOf = ({ raw }: HttpRequest): string | undefined =>
  raw.socket.remoteAddress?.replace(/^::ffff:(?=[0-9.]+$)/, '');

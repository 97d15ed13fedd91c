import type { Flag } from '../../flags.js';

export const ACCOUNT_FLAG: Flag = {
  flags: '--account <account>',
  says: 'an operator’s: as that account sees it',
};

/** A path with what was given of a query. */
export function withQuery(path: string, given: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given)) if (value !== undefined) query.set(name, value);
  return query.size === 0 ? path : `${path}?${query.toString()}`;
}

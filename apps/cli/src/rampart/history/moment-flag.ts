import type { Flag } from '../../flags.js';

export const AT_FLAG: Flag = {
  flags: '--at <moment>',
  says: 'as it was then: a position of the log, a time as 2026-11-25T17:30:00Z, or how long ago as 10m, 2h, 3d',
};

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

import type { Flag } from './flags.js';

/** What lists something can list it as it was. The control plane knows what a moment is. */
export const AT_FLAG: Flag = {
  flags: '--at <moment>',
  says: 'as it was then: a log position, a time such as 2026-11-25T17:30:00Z, or how long ago such as 10m',
};

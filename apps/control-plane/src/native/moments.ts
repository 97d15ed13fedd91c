import type { AccountId, LogPosition, RecordedEvent } from '#libs/domain';
import type { AccountKey } from '../accounts/access-keys.js';
import { History, HistoryUnavailableError, NoSuchMomentError } from '../history/history.js';
import { Problem } from './problem.js';
import type { Events, Viewer } from './rule-answers.js';

/** Asks the past; what it can't answer becomes a problem. */
export async function ofThePast<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof NoSuchMomentError) throw new Problem(400, 'InvalidParameter', error.message);
    if (error instanceof HistoryUnavailableError) throw new Problem(503, 'Unavailable', error.message);
    throw error;
  }
}

/** The events at these positions, as far as they are known just now: without them an answer is poorer, not wrong. */
export async function eventsAt(history: History, positions: Iterable<LogPosition>): Promise<Events> {
  const asked = [...new Set(positions)].map((position) =>
    history
      .events({ touching: [], after: position - 1, before: position + 1, order: 'oldest first', limit: 1 })
      .catch((error: unknown): readonly RecordedEvent[] => {
        if (error instanceof HistoryUnavailableError) return [];
        throw error;
      }),
  );
  const found = (await Promise.all(asked)).flat();
  return new Map(found.map((recorded) => [recorded.position, recorded]));
}

/** Whose things the caller is shown; a problem when they are not the caller's to see. */
export function viewerFor({ accountId, operator }: AccountKey, named: AccountId | undefined): Viewer {
  if (operator === true) return named ?? 'everyone';
  if (named === undefined || named === accountId) return accountId;
  throw new Problem(403, 'UnauthorizedOperation', `account ${named} is not yours, and you are no operator`);
}

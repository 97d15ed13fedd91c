import { evolve } from '../cell/evolve.js';
import { accept, type Decision, type Event, type Refused } from '../cell/messages.js';
import type { CellState } from '../cell/state.js';
import { UndoLog } from '../cell/undo-log.js';
import { findGroup } from '../group/decide.js';
import type { LogPosition } from '../values/ids.js';
import type { ApplyChangeSet, Change } from './messages.js';

/** Decides one change after the other by `decideOne`, on a trial of the state that is taken back in the end. */
export function applyChangeSet(
  { changes, expected }: ApplyChangeSet,
  state: CellState,
  decideOne: (change: Change, state: CellState) => Decision,
): Decision {
  const changedSince = expected === undefined ? undefined : findChanged(changes, expected, state);
  if (changedSince) return changedSince;
  const undo = new UndoLog();
  const trial: CellState = { ...state, undo }; // the same maps: what is done to them is undone by this log
  try {
    const events: Event[] = [];
    for (const [index, change] of changes.entries()) {
      const decision = decideOne(change, trial);
      if (!decision.accepted) return { ...decision, index };
      for (const event of decision.events) evolve(trial, event);
      events.push(...decision.events);
    }
    return accept(...events);
  } finally {
    undo.rollback();
  }
}

/** The first change of a group that somebody has changed since. What the set itself creates is in no state yet. */
function findChanged(
  changes: readonly Change[],
  expected: LogPosition,
  state: CellState,
): Refused | undefined {
  for (const [index, change] of changes.entries()) {
    const group = 'group' in change ? findGroup(change.group, change.accountId, state) : undefined;
    const changedAt = (group && state.changedAt.get(group.groupId)) ?? 0;
    if (!group || changedAt <= expected) continue;
    const { groupId, name } = group;
    const refusal = { code: 'ChangedSince', groupId, name, expected, changedAt } as const;
    return { accepted: false, refusal, index };
  }
  return undefined;
}

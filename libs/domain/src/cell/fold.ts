import { put, remove } from './undo-log.js';
import { evolve } from './evolve.js';
import type { Event } from './messages.js';
import type { RecordedEvent } from './recorded-event.js';
import type { CellState } from './state.js';
import type { GroupId } from '../values/ids.js';

/** Folds a recorded event into the state, in place: what happened, and where in the log its group was changed. */
export function fold(
  state: CellState,
  { event, position }: Pick<RecordedEvent, 'event' | 'position'>,
): CellState {
  evolve(state, event);
  const groupId = groupChangedBy(event);
  if (groupId === undefined) return state;
  if (event.type === 'GroupDeleted') remove(state.undo, state.changedAt, groupId);
  else put(state.undo, state.changedAt, groupId, position);
  return state;
}

/** The group that is not what it was, or whose rules are not. Tags and instances change nothing that it permits. */
const groupChangedBy = (event: Event): GroupId | undefined =>
  'rule' in event ? event.rule.groupId : 'groupId' in event ? event.groupId : undefined;

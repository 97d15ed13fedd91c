import type { CellState } from '../cell/state.js';
import { put, remove } from '../cell/undo-log.js';
import type { ResourceId } from '../values/ids.js';
import { NO_TAGS } from '../values/tag.js';
import type { TagsChanged } from './messages.js';

export function tagsChanged(state: CellState, { resourceId, set, removed }: TagsChanged): void {
  const tags = new Map(state.tags.get(resourceId) ?? NO_TAGS);
  for (const key of removed) tags.delete(key);
  for (const { key, value } of set) tags.set(key, value);
  if (tags.size > 0) put(state.undo, state.tags, resourceId, tags);
  else untag(state, resourceId);
}

/** Tags go with what they are on. */
export const untag = (state: CellState, resourceId: ResourceId): void => {
  if (state.tags.size > 0) remove(state.undo, state.tags, resourceId);
};

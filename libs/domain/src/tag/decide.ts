import type { Limits } from '../cell/limits.js';
import { accept, refuse, type Decision } from '../cell/messages.js';
import type { CellState } from '../cell/state.js';
import type { AccountId, ResourceId } from '../values/ids.js';
import { NO_TAGS, type Tag } from '../values/tag.js';
import type { ChangeTags, TagRefusal, TagsChanged } from './messages.js';

// Amazon EC2 user guide, "Tag restrictions".
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;
const RESERVED = 'aws:';

export function changeTags(command: ChangeTags, state: CellState, limits: Limits): Decision {
  const { accountId, set } = command;
  const refusal = malformedTag(set);
  if (refusal) return refuse(refusal);
  const events: TagsChanged[] = [];
  for (const resourceId of new Set(command.resourceIds)) {
    if (ownerOf(resourceId, state) !== accountId) return refuse({ code: 'ResourceUnknown', resourceId });
    const event = changeOf(command, resourceId, state);
    const limit = limits.tagsPerResource;
    if (event && countAfter(event, state) > limit)
      return refuse({ code: 'TagLimitExceeded', resourceId, limit });
    if (event) events.push(event);
  }
  return accept(...events);
}

/** What a resource is tagged with when it is made, or the refusal of the first tag that can't be had. */
export function tagsOfNew(
  accountId: AccountId,
  resourceIds: readonly ResourceId[],
  tags: readonly Tag[],
  limits: Limits,
): readonly TagsChanged[] | TagRefusal {
  const refusal = malformedTag(tags);
  if (refusal) return refusal;
  const [resourceId] = resourceIds;
  if (tags.length === 0 || resourceId === undefined) return [];
  if (tags.length > limits.tagsPerResource)
    return { code: 'TagLimitExceeded', resourceId, limit: limits.tagsPerResource };
  return resourceIds.map((id) => ({
    type: 'TagsChanged',
    accountId,
    resourceId: id,
    set: tags,
    removed: [],
  }));
}

function malformedTag(tags: readonly Tag[]): TagRefusal | undefined {
  const keys = new Set<string>();
  for (const { key, value } of tags) {
    const no = (fix: string): TagRefusal => ({ code: 'TagMalformed', key, fix });
    if (key === '' || key.length > LONGEST_KEY) return no(`use a key of 1 to ${LONGEST_KEY} characters`);
    if (value.length > LONGEST_VALUE) return no(`use a value of at most ${LONGEST_VALUE} characters`);
    if (key.toLowerCase().startsWith(RESERVED)) return no(`keys that begin with ${RESERVED} are reserved`);
    if (keys.has(key)) return no('give each key once');
    keys.add(key);
  }
  return undefined;
}

/** Only what is different afterwards; undefined when nothing is. */
function changeOf(
  { accountId, set, remove }: ChangeTags,
  resourceId: ResourceId,
  state: CellState,
): TagsChanged | undefined {
  const tags = state.tags.get(resourceId) ?? NO_TAGS;
  const gone = (remove === 'all' ? [...tags.keys()].map((key) => ({ key })) : remove)
    .filter(({ key, value }: { key: string; value?: string }) =>
      value === undefined ? tags.has(key) : tags.get(key) === value,
    )
    .map(({ key }) => key);
  const removed = [...new Set(gone)].filter((key) => !set.some((tag) => tag.key === key));
  const changed = set.filter(({ key, value }) => tags.get(key) !== value);
  return changed.length + removed.length > 0
    ? { type: 'TagsChanged', accountId, resourceId, set: changed, removed }
    : undefined;
}

function countAfter({ resourceId, set, removed }: TagsChanged, state: CellState): number {
  const tags = state.tags.get(resourceId) ?? NO_TAGS;
  return tags.size - removed.length + set.filter(({ key }) => !tags.has(key)).length;
}

function ownerOf(resourceId: ResourceId, state: CellState): AccountId | undefined {
  const rule = state.rules.get(resourceId as never);
  const holder =
    state.groups.get(rule?.groupId ?? (resourceId as never)) ??
    state.instances.get(resourceId as never) ??
    state.terminated.get(resourceId as never) ??
    state.prefixLists.get(resourceId as never);
  return holder?.accountId;
}

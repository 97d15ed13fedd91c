import type { AccountId, LogPosition, ResourceId, Tags } from '#libs/domain';
import type { Directory, Listing } from '#libs/projections';
import { missingParameter, type QueryParameters } from '#libs/protocol';
import type { Action } from '../action.js';
import { exactValues, selectFrom, type FilterTable } from '../filters.js';
import { resourceIdFrom } from '../id-parameters.js';
import { pageOf } from '../pages.js';
import { tagList, type TaggedKind } from '../tags.js';

export const createTags: Action = async (parameters, { account: { accountId }, execute }) => {
  const set = tagList(parameters);
  if (set.length === 0) throw missingParameter('Tag');
  await execute({ type: 'ChangeTags', accountId, resourceIds: resourcesFrom(parameters), set, remove: [] });
  return { return: true };
};

/** A tag named without a value goes whatever its value is, one with a value (an empty one too) only if it has just that. */
export const deleteTags: Action = async (parameters, { account: { accountId }, execute }) => {
  const named = parameters.structures('Tag').map((tag) => ({
    key: tag.text('Key') ?? '',
    ...(tag.has('Value') ? { value: tag.text('Value') ?? '' } : {}),
  }));
  const remove = named.length === 0 ? 'all' : named;
  await execute({ type: 'ChangeTags', accountId, resourceIds: resourcesFrom(parameters), set: [], remove });
  return { return: true };
};

interface Resource {
  readonly accountId: AccountId;
  readonly position: LogPosition;
  readonly tags: Tags;
}

/** One tag of one resource; as `tags` it has that tag alone, for the filters that look there. */
interface TagView extends Resource {
  readonly resourceId: ResourceId;
  readonly resourceType: TaggedKind;
  readonly key: string;
  readonly value: string;
}

const FILTERS: FilterTable<TagView> = {
  key: ({ key }) => [key],
  value: ({ value }) => [value],
  'resource-id': ({ resourceId }) => [resourceId],
  'resource-type': ({ resourceType }) => [resourceType],
};

export const describeTags: Action = (parameters, { account, directory }) => {
  const tags = tagsOf(account.accountId, directory, exactValues(parameters, 'resource-id'));
  const page = pageOf(selectFrom(tags, parameters, FILTERS), parameters);
  const tagSet = page.things.map(({ resourceId, resourceType, key, value }) => {
    return { resourceId, resourceType, key, value };
  });
  return { tagSet, nextToken: page.nextToken };
};

function resourcesFrom(parameters: QueryParameters): readonly ResourceId[] {
  const ids = parameters.list('ResourceId').map(resourceIdFrom);
  if (ids.length === 0) throw missingParameter('ResourceId');
  return ids;
}

/** Places between a resource and the next, for its tags; EC2 has 50 at the most. */
const PLACES = 1000;

/** All tags of the account, or those of the resources with these ids. */
function* tagsOf(
  accountId: AccountId,
  { groups, rules, instances, prefixLists }: Directory,
  ids: readonly string[] | undefined,
): Generator<TagView> {
  // The kinds of ids have different prefixes, so that each is found in one of these at most.
  const wantedOf = <View extends Resource>(listing: Listing<never, View>): Iterable<View> =>
    ids
      ? ids.flatMap((id) => listing.get(id as never) ?? []).filter((view) => view.accountId === accountId)
      : listing.of(accountId);
  for (const view of wantedOf(groups)) yield* viewsOf('security-group', view.groupId, view);
  for (const view of wantedOf(rules)) yield* viewsOf('security-group-rule', view.rule.ruleId, view);
  for (const view of wantedOf(instances)) yield* viewsOf('instance', view.instance.instanceId, view);
  for (const view of wantedOf(prefixLists)) yield* viewsOf('prefix-list', view.prefixListId, view);
}

const viewsOf = (
  resourceType: TaggedKind,
  resourceId: ResourceId,
  { accountId, position, tags }: Resource,
): readonly TagView[] =>
  [...tags].map(([key, value], index) => ({
    resourceId,
    resourceType,
    accountId,
    position: position * PLACES + index,
    key,
    value,
    tags: new Map([[key, value]]),
  }));

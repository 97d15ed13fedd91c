import type { AccountId, LogPosition, ResourceId, Tags } from '#libs/domain';
import type { Listing, ValuesOf } from '#libs/projections';
import { Ec2Error, ec2ErrorFrom, type QueryParameters } from '#libs/protocol';
import { positionFrom } from './pages.js';
import { matcherFrom } from './wildcards.js';

interface Listed {
  readonly accountId: AccountId;
  readonly position: LogPosition;
  readonly tags: Tags;
}

/**
 * What each filter looks at: all values that a thing has under that name. The functions are constants of a module,
 * since listings index by them. `tag:KEY`, `tag-key` and `tag-value` are there for everything.
 */
export type FilterTable<Thing> = Readonly<Record<string, ValuesOf<Thing>>>;

interface Filter<Thing> {
  readonly valuesOf: ValuesOf<Thing>;
  readonly patterns: readonly string[];
}

/** Amazon EC2 API reference, "Filtering resources": at most 200 values. */
const MOST_VALUES = 200;
const MOST_FILTERS = 50;
/** Nothing that filters look at is as long. */
const LONGEST_VALUE = 1024;

/**
 * The account's things that satisfy every Filter.N of the request by any of its Value.M, where `*` and `?` match; in
 * the order of their introduction, from the request's NextToken on. Of the filters without wildcards the one that the
 * fewest satisfy is looked up, so that one is enough to go without a scan.
 */
export function select<Id, Thing extends Listed>(
  listing: Listing<Id, Thing>,
  accountId: AccountId,
  parameters: QueryParameters,
  table: FilterTable<Thing>,
): IteratorObject<Thing> {
  const after = positionFrom(parameters);
  const filters = filtersFrom(parameters, table);
  const narrowest = narrowestOf(filters, listing);
  const matches = matcher(filters.filter((filter) => filter !== narrowest));
  if (!narrowest) return listing.of(accountId, after).filter(matches);
  const { valuesOf, patterns } = narrowest;
  const found = new Set(patterns.flatMap((value) => listing.having(accountId, valuesOf, value)));
  const inOrder = patterns.length > 1 ? [...found].sort(byPosition) : [...found];
  return inOrder.values().filter((thing) => thing.position > after && matches(thing));
}

function narrowestOf<Id, Thing extends Listed>(
  filters: readonly Filter<Thing>[],
  listing: Listing<Id, Thing>,
): Filter<Thing> | undefined {
  const exact = filters.filter(({ patterns }) => patterns.every(isExact));
  if (exact.length < 2) return exact[0];
  const counted = exact.map((filter) => {
    const counts = filter.patterns.map((value) => listing.countHaving(filter.valuesOf, value));
    return { filter, count: counts.reduce((sum, count) => sum + count, 0) };
  });
  return counted.reduce((best, one) => (one.count < best.count ? one : best)).filter;
}

/** The same for things that were named one by one. */
export function selectFrom<Thing extends Listed>(
  things: Iterable<Thing>,
  parameters: QueryParameters,
  table: FilterTable<Thing>,
): readonly Thing[] {
  const matches = matcher(filtersFrom(parameters, table));
  return Iterator.from(things).filter(matches).toArray().sort(byPosition);
}

/** The same for all, or for those with the ids that the request has; one that there is not fails the whole call. */
export function wanted<Id extends ResourceId, Thing extends Listed>(
  listing: Listing<Id, Thing>,
  ids: readonly Id[],
  accountId: AccountId,
  parameters: QueryParameters,
  table: FilterTable<Thing>,
): Iterable<Thing> {
  if (ids.length === 0) return select(listing, accountId, parameters, table);
  const named = [...new Set(ids)].map((id) => ownOf(listing, id, accountId));
  return selectFrom(named, parameters, table);
}

/** The account's own thing with that id. */
export function ownOf<Id extends ResourceId, Thing extends Listed>(
  listing: Listing<Id, Thing>,
  id: Id,
  accountId: AccountId,
): Thing {
  const thing = listing.get(id);
  if (thing?.accountId !== accountId) throw ec2ErrorFrom({ code: 'ResourceUnknown', resourceId: id });
  return thing;
}

/** The values of the request's filter of that name, when it has one and no wildcards are among them. */
export function exactValues(parameters: QueryParameters, name: string): readonly string[] | undefined {
  const values = parameters
    .structures('Filter')
    .find((filter) => filter.text('Name') === name)
    ?.listWithEmpty('Value');
  return values?.every(isExact) ? values : undefined;
}

const byPosition = (one: Listed, other: Listed): number => one.position - other.position;
const isExact = (pattern: string): boolean => !/[*?\\]/.test(pattern);

function filtersFrom<Thing extends Pick<Listed, 'tags'>>(
  parameters: QueryParameters,
  table: FilterTable<Thing>,
): readonly Filter<Thing>[] {
  const structures = parameters.structures('Filter');
  if (structures.length > MOST_FILTERS)
    throw new Ec2Error(
      'FilterLimitExceeded',
      `The request has ${structures.length} filters: ${MOST_FILTERS} are the most`,
    );
  return structures.map((one) => filterFrom(one, table));
}

function filterFrom<Thing extends Pick<Listed, 'tags'>>(
  filter: QueryParameters,
  table: FilterTable<Thing>,
): Filter<Thing> {
  const name = filter.text('Name') ?? '';
  const values = filter.listWithEmpty('Value');
  if (values.length > MOST_VALUES)
    throw new Ec2Error(
      'FilterLimitExceeded',
      `The filter '${name}' has ${values.length} values: ${MOST_VALUES} are the most`,
    );
  if (values.some((value) => value.length > LONGEST_VALUE))
    throw new Ec2Error(
      'InvalidParameterValue',
      `The filter '${name}' has a value longer than ${LONGEST_VALUE} characters`,
    );
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length).replaceAll(/[*?\\]/g, '\\$&');
    return { valuesOf: tagPairs, patterns: values.map((value) => `${key}=${value}`) };
  }
  const valuesOf = Object.hasOwn(COMMON, name)
    ? COMMON[name]
    : Object.hasOwn(table, name)
      ? table[name]
      : undefined;
  if (!valuesOf) throw new Ec2Error('InvalidParameterValue', `The filter '${name}' is invalid`);
  return { valuesOf, patterns: values };
}

const tagPairs = ({ tags }: Pick<Listed, 'tags'>): readonly string[] =>
  [...tags].map(([key, value]) => `${key}=${value}`);
const COMMON: FilterTable<Pick<Listed, 'tags'>> = {
  'tag-key': ({ tags }) => [...tags.keys()],
  'tag-value': ({ tags }) => [...tags.values()],
};

function matcher<Thing>(filters: readonly Filter<Thing>[]): (thing: Thing) => boolean {
  const compiled = filters.map(({ valuesOf, patterns }) => ({
    valuesOf,
    matchers: patterns.map(matcherFrom),
  }));
  return (thing) =>
    compiled.every(({ valuesOf, matchers }) =>
      valuesOf(thing).some((value) => value !== undefined && matchers.some((matches) => matches(value))),
    );
}

import { partsOf, valueOf, type Cidr, type PrefixListEntry } from '#libs/domain';
import type { GroupView, PrefixListView } from '#libs/projections';
import type { QueryParameters } from '#libs/protocol';
import type { Action, ActionContext } from '../action.js';
import { ownOf, wanted, type FilterTable } from '../filters.js';
import { prefixListIdFrom } from '../id-parameters.js';
import { integerFrom } from '../integer-parameters.js';
import { pageOf } from '../pages.js';
import { requirePrefixListId } from '../prefix-list-parameters.js';
import { prefixListXml } from '../prefix-list-xml.js';
import { unknownVersion } from './prefix-lists.js';

/** Amazon EC2 API reference: pages of prefix lists are smaller than others. */
const BOUNDS = { least: 1, most: 100 };

const FILTERS: FilterTable<PrefixListView> = {
  'owner-id': ({ accountId }) => [accountId],
  'prefix-list-id': ({ prefixListId }) => [prefixListId],
  'prefix-list-name': ({ name }) => [name],
};

export const describeManagedPrefixLists: Action = (parameters, context) => {
  const page = pageOf(wantedLists(parameters, context), parameters, BOUNDS);
  return {
    prefixListSet: page.things.map((list) => prefixListXml(list, context.region)),
    nextToken: page.nextToken,
  };
};

/** The older action, which shows names and blocks. In EC2 that is Amazon's own lists; here there are only the account's. */
export const describePrefixLists: Action = (parameters, context) => {
  const page = pageOf(wantedLists(parameters, context), parameters);
  const prefixListSet = page.things.map(({ prefixListId, name, entries }) => ({
    prefixListId,
    prefixListName: name,
    cidrSet: inAddressOrder(entries).map(({ cidr }) => cidr),
  }));
  return { prefixListSet, nextToken: page.nextToken };
};

export const getManagedPrefixListEntries: Action = (parameters, { account, directory }) => {
  const list = ownOf(directory.prefixLists, requirePrefixListId(parameters), account.accountId);
  const version = integerFrom(parameters, 'TargetVersion') ?? list.version;
  const entries = list.entriesAt(version);
  if (!entries) throw unknownVersion(list.prefixListId, version);
  const inOrder = inAddressOrder(entries).map((entry, index) => ({ ...entry, position: index + 1 }));
  const page = pageOf(inOrder, parameters, BOUNDS);
  return {
    entrySet: page.things.map(({ cidr, description }) => ({ cidr, description })),
    nextToken: page.nextToken,
  };
};

/** The groups with rules that name the list. */
export const getManagedPrefixListAssociations: Action = (parameters, { account, directory }) => {
  const { accountId } = account;
  const { prefixListId } = ownOf(directory.prefixLists, requirePrefixListId(parameters), accountId);
  const groups = directory.groups.having(accountId, prefixListsOf, prefixListId);
  const page = pageOf(groups, parameters, { least: 5, most: 255 });
  return {
    prefixListAssociationSet: page.things.map(({ groupId }) => ({
      resourceId: groupId,
      resourceOwner: accountId,
    })),
    nextToken: page.nextToken,
  };
};

/** Whatever the changes that led there: pages go on by it. */
const inAddressOrder = (entries: ReadonlyMap<Cidr, PrefixListEntry>): readonly PrefixListEntry[] =>
  [...entries.values()]
    .map((entry) => ({ entry, ...partsOf(entry.cidr) }))
    .sort(
      (one, other) =>
        Number(valueOf(one.network) - valueOf(other.network)) || one.prefixLength - other.prefixLength,
    )
    .map(({ entry }) => entry);

const prefixListsOf = ({ rules }: GroupView): readonly string[] =>
  rules
    .values()
    .flatMap(({ rule: { peer } }) => (peer.kind === 'prefix-list' ? [peer.prefixListId] : []))
    .toArray();

function wantedLists(
  parameters: QueryParameters,
  { account, directory }: ActionContext,
): Iterable<PrefixListView> {
  const ids = parameters.list('PrefixListId').map(prefixListIdFrom);
  return wanted(directory.prefixLists, ids, account.accountId, parameters, FILTERS);
}

import type { PrefixListView } from '#libs/projections';
import type { Xml } from '#libs/protocol';
import { arnOf } from './action.js';
import { tagSetXml } from './tags.js';

/** Changes are complete when they are answered: EC2's in-progress states don't come up. */
export type PrefixListState = 'create-complete' | 'modify-complete' | 'restore-complete' | 'delete-complete';

export function prefixListXml(
  list: PrefixListView,
  region: string,
  state: PrefixListState = list.isModified ? 'modify-complete' : 'create-complete',
): Xml {
  const { accountId: ownerId, prefixListId } = list;
  return {
    prefixListId,
    addressFamily: `IPv${list.family}`,
    state,
    prefixListArn: arnOf(region, ownerId, 'prefix-list', prefixListId),
    prefixListName: list.name,
    maxEntries: list.maxEntries,
    version: list.version,
    tagSet: tagSetXml(list.tags),
    ownerId,
  };
}

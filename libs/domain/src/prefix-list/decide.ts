import { acceptOnce, repeated } from '../client-token/client-tokens.js';
import type { Limits } from '../cell/limits.js';
import { accept, refuse, type Decision } from '../cell/messages.js';
import type { CellState, PrefixListState } from '../cell/state.js';
import { exceedsQuota } from '../rule/quota.js';
import { tagsOfNew } from '../tag/decide.js';
import type { Cidr } from '../values/cidr.js';
import type { AccountId, PrefixListId } from '../values/ids.js';
import { familyOf, type AddressFamily } from '../values/ip-address.js';
import type { PrefixListEntry } from '../values/prefix-list.js';
import type { CreatePrefixList, DeletePrefixList, ModifyPrefixList, PrefixListRefusal } from './messages.js';

const SHOWN_DEPENDANTS = 10;
const LONGEST_TEXT = 255;
// Amazon's own lists are called so.
const RESERVED_NAME = 'com.amazonaws';

export function createPrefixList(command: CreatePrefixList, state: CellState, limits: Limits): Decision {
  const { accountId, prefixListId, name, family, maxEntries, entries, clientToken } = command;
  const account = state.accounts.get(accountId);
  if (!account) return refuse({ code: 'AccountUnknown', accountId });
  const again = repeated(accountId, clientToken, state);
  if (again) return again;
  const refusal =
    malformedName(name) ?? malformedSize(maxEntries, limits) ?? malformedEntries(entries, family);
  if (refusal) return refuse(refusal);
  if (entries.length > maxEntries)
    return refuse({ code: 'PrefixListFull', prefixListId, maxEntries, wanted: entries.length });
  if (account.prefixListIds.size >= limits.prefixListsPerAccount)
    return refuse({ code: 'PrefixListLimitExceeded', limit: limits.prefixListsPerAccount });
  const tags = tagsOfNew(accountId, [prefixListId], command.tags ?? [], limits);
  if ('code' in tags) return refuse(tags);
  const created = { accountId, prefixListId, name, family, maxEntries, entries } as const;
  const events = [{ type: 'PrefixListCreated', ...created } as const, ...tags];
  return acceptOnce(accountId, clientToken, [prefixListId], events);
}

export function modifyPrefixList(command: ModifyPrefixList, state: CellState, limits: Limits): Decision {
  const { accountId, prefixListId, currentVersion, name, maxEntries, add } = command;
  const list = findPrefixList(prefixListId, accountId, state);
  if (!list) return refuse({ code: 'PrefixListUnknown', prefixListId });
  if (currentVersion !== undefined && currentVersion !== list.version)
    return refuse({ code: 'PrefixListVersionMismatch', prefixListId, current: list.version });
  const refusal =
    (name === undefined ? undefined : malformedName(name)) ??
    (maxEntries === undefined ? undefined : malformedSize(maxEntries, limits)) ??
    malformedEntries(add, list.family) ??
    unknownEntry(command, list);
  if (refusal) return refuse(refusal);
  const { added, removed } = netChange(command, list);
  const room = maxEntries ?? list.maxEntries;
  const wanted =
    list.entries.size - removed.length + added.filter(({ cidr }) => !list.entries.has(cidr)).length;
  if (wanted > room) return refuse({ code: 'PrefixListFull', prefixListId, maxEntries: room, wanted });
  const overQuota = resizeExceedsQuota(list, room, state, limits);
  if (overQuota) return refuse(overQuota);
  const renamed = name !== undefined && name !== list.name ? { name } : {};
  const resized = maxEntries !== undefined && maxEntries !== list.maxEntries ? { maxEntries } : {};
  const isChanged = added.length + removed.length > 0;
  if (!isChanged && !('name' in renamed) && !('maxEntries' in resized)) return accept();
  const version = list.version + (isChanged ? 1 : 0);
  const change = { accountId, prefixListId, version, ...renamed, ...resized, added, removed };
  return accept({ type: 'PrefixListModified', ...change });
}

export function deletePrefixList({ accountId, prefixListId }: DeletePrefixList, state: CellState): Decision {
  const list = findPrefixList(prefixListId, accountId, state);
  if (!list) return refuse({ code: 'PrefixListUnknown', prefixListId });
  const groupIds = new Set(list.references.values().map(({ groupId }) => groupId));
  if (groupIds.size > 0) {
    const referencedBy = [...groupIds].slice(0, SHOWN_DEPENDANTS);
    return refuse({ code: 'PrefixListInUse', prefixListId, referencedBy });
  }
  return accept({ type: 'PrefixListDeleted', accountId, prefixListId, name: list.name });
}

/** The account's own list of that id. */
export function findPrefixList(
  prefixListId: PrefixListId,
  accountId: AccountId,
  state: CellState,
): PrefixListState | undefined {
  const list = state.prefixLists.get(prefixListId);
  return list?.accountId === accountId ? list : undefined;
}

function malformedName(name: string): PrefixListRefusal | undefined {
  const isGood = name.trim() !== '' && name.length <= LONGEST_TEXT && !name.startsWith(RESERVED_NAME);
  const fix = `use 1 to ${LONGEST_TEXT} characters that don't begin with ${RESERVED_NAME}`;
  return isGood ? undefined : { code: 'PrefixListMalformed', field: 'PrefixListName', value: name, fix };
}

function malformedSize(maxEntries: number, limits: Limits): PrefixListRefusal | undefined {
  const most = limits.entriesPerPrefixList;
  return maxEntries >= 1 && maxEntries <= most
    ? undefined
    : {
        code: 'PrefixListMalformed',
        field: 'MaxEntries',
        value: String(maxEntries),
        fix: `use 1 to ${most}`,
      };
}

function malformedEntries(
  entries: readonly PrefixListEntry[],
  family: AddressFamily,
): PrefixListRefusal | undefined {
  const no = (value: string, fix: string): PrefixListRefusal => ({
    code: 'PrefixListMalformed',
    field: 'Cidr',
    value,
    fix,
  });
  const seen = new Set<Cidr>();
  for (const { cidr, description = '' } of entries) {
    if (familyOf(cidr) !== family) return no(cidr, `the list is for IPv${family}`);
    if (seen.has(cidr)) return no(cidr, 'give each block once');
    if (description.length > LONGEST_TEXT)
      return no(cidr, `its description may have ${LONGEST_TEXT} characters`);
    seen.add(cidr);
  }
  return undefined;
}

function unknownEntry(
  { prefixListId, add, remove }: ModifyPrefixList,
  list: PrefixListState,
): PrefixListRefusal | undefined {
  const unknown = remove.find((cidr) => !list.entries.has(cidr));
  if (unknown) return { code: 'PrefixListEntryUnknown', prefixListId, cidr: unknown };
  const both = remove.find((cidr) => add.some((entry) => entry.cidr === cidr));
  const fix = 'add it or remove it, not both';
  return both ? { code: 'PrefixListMalformed', field: 'Cidr', value: both, fix } : undefined;
}

function netChange(
  { add, remove }: ModifyPrefixList,
  { entries }: PrefixListState,
): { readonly added: readonly PrefixListEntry[]; readonly removed: readonly PrefixListEntry[] } {
  const isNews = ({ cidr, description }: PrefixListEntry): boolean => {
    const known = entries.get(cidr);
    return !known || known.description !== description;
  };
  return {
    added: add.filter(isNews),
    removed: [...new Set(remove)].flatMap((cidr) => entries.get(cidr) ?? []),
  };
}

/** A larger list counts for more in every group that names it. */
function resizeExceedsQuota(
  list: PrefixListState,
  maxEntries: number,
  state: CellState,
  limits: Limits,
): ReturnType<typeof exceedsQuota> {
  const byGroup = Map.groupBy(list.references, ({ groupId }) => groupId);
  for (const [groupId, rules] of byGroup) {
    const group = state.groups.get(groupId);
    const more = maxEntries - list.maxEntries;
    const refusal =
      group &&
      exceedsQuota(
        group,
        rules.map((rule) => ({ rule, weight: more })),
        limits,
      );
    if (refusal) return refusal;
  }
  return undefined;
}

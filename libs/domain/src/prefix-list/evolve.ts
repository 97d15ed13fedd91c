import { known, type CellState } from '../cell/state.js';
import { put, remove } from '../cell/undo-log.js';
import { countAgainstQuota } from '../rule/quota.js';
import { untag } from '../tag/evolve.js';
import type { Rule } from '../values/rule.js';
import type { PrefixListCreated, PrefixListDeleted, PrefixListModified } from './messages.js';

export function prefixListCreated(state: CellState, event: PrefixListCreated): void {
  const { accountId, prefixListId, name, family, maxEntries } = event;
  const entries = new Map(event.entries.map((entry) => [entry.cidr, entry]));
  const list = { accountId, prefixListId, name, family, maxEntries, version: 1, entries };
  put(state.undo, state.prefixLists, prefixListId, { ...list, references: new Set<Rule>() });
  put(state.undo, known(state.accounts, accountId, 'account').prefixListIds, prefixListId, true);
}

/** Costs the entries of the list, which are few and bounded, and the rules that name it when its size changes. */
export function prefixListModified(state: CellState, event: PrefixListModified): void {
  const list = known(state.prefixLists, event.prefixListId, 'prefix list');
  const { name = list.name, maxEntries = list.maxEntries, version } = event;
  const entries = new Map(list.entries);
  for (const { cidr } of event.removed) entries.delete(cidr);
  for (const entry of event.added) entries.set(entry.cidr, entry);
  put(state.undo, state.prefixLists, event.prefixListId, { ...list, name, maxEntries, version, entries });
  if (maxEntries === list.maxEntries) return;
  for (const rule of list.references)
    countAgainstQuota(state, known(state.groups, rule.groupId, 'group'), rule, maxEntries - list.maxEntries);
}

export function prefixListDeleted(state: CellState, { accountId, prefixListId }: PrefixListDeleted): void {
  remove(state.undo, state.prefixLists, prefixListId);
  remove(state.undo, known(state.accounts, accountId, 'account').prefixListIds, prefixListId);
  untag(state, prefixListId);
}

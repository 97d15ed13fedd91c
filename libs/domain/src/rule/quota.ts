import type { Limits } from '../cell/limits.js';
import type { CellState, GroupState } from '../cell/state.js';
import { quotasOf, type Rule, type RuleQuota } from '../values/rule.js';
import type { RuleRefusal } from './messages.js';

/** A rule, and how much more (or less) it is to count. */
export interface Weighed {
  readonly rule: Rule;
  readonly weight: number;
}

/** A prefix list counts as its most entries, however many it has (Amazon VPC user guide, "Prefix lists"); else 1. */
export const weightOf = ({ peer }: Rule, state: CellState): number =>
  peer.kind === 'prefix-list' ? (state.prefixLists.get(peer.prefixListId)?.maxEntries ?? 0) : 1;

/** The refusal when the group's rules would count for more than they may. */
export function exceedsQuota(
  group: GroupState,
  changes: Iterable<Weighed>,
  { rulesPerGroup }: Limits,
): RuleRefusal | undefined {
  const counts = new Map<RuleQuota, number>();
  for (const { rule, weight } of changes)
    for (const quota of quotasOf(rule)) counts.set(quota, (counts.get(quota) ?? 0) + weight);
  const isOver = counts
    .entries()
    .some(([quota, more]) => more > 0 && group.quotas[quota] + more > rulesPerGroup);
  return isOver ? { code: 'RuleLimitExceeded', limit: rulesPerGroup } : undefined;
}

export function countAgainstQuota(state: CellState, { quotas }: GroupState, rule: Rule, by: number): void {
  for (const quota of quotasOf(rule)) {
    quotas[quota] += by;
    if (state.undo?.isRecording) state.undo.record(() => void (quotas[quota] -= by));
  }
}

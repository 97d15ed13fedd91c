import { known, type CellState, type GroupState } from '../cell/state.js';
import { count, put, remove } from '../cell/undo-log.js';
import { untag } from '../tag/evolve.js';
import { withDescription, type Rule } from '../values/rule.js';
import type { RuleAuthorized, RuleDescriptionChanged, RuleModified, RuleRevoked } from './messages.js';
import { countAgainstQuota, weightOf } from './quota.js';

export function ruleAuthorized(state: CellState, { rule }: RuleAuthorized): void {
  const group = known(state.groups, rule.groupId, 'group');
  put(state.undo, state.rules, rule.ruleId, rule);
  add(state, group, rule);
}

export function ruleRevoked(state: CellState, { rule: { ruleId } }: RuleRevoked): void {
  const rule = known(state.rules, ruleId, 'rule');
  remove(state.undo, state.rules, ruleId);
  drop(state, known(state.groups, rule.groupId, 'group'), rule);
  untag(state, ruleId);
}

export const ruleModified = (state: CellState, { rule }: RuleModified): void => replace(state, rule);

export function ruleDescriptionChanged(
  state: CellState,
  { ruleId, description }: RuleDescriptionChanged,
): void {
  replace(state, withDescription(known(state.rules, ruleId, 'rule'), description));
}

function replace(state: CellState, rule: Rule): void {
  const group = known(state.groups, rule.groupId, 'group');
  drop(state, group, known(state.rules, rule.ruleId, 'rule'));
  put(state.undo, state.rules, rule.ruleId, rule);
  add(state, group, rule);
}

function add(state: CellState, group: GroupState, rule: Rule): void {
  const { undo } = state;
  group.rules.add(rule);
  if (undo?.isRecording) undo.record(() => group.rules.delete(rule));
  countAgainstQuota(state, group, rule, weightOf(rule, state));
  if (rule.peer.kind === 'cidr') return;
  if (rule.peer.kind === 'group') return countReference(state, rule, 1);
  const { references } = known(state.prefixLists, rule.peer.prefixListId, 'prefix list');
  references.add(rule);
  if (undo?.isRecording) undo.record(() => references.delete(rule));
}

function drop(state: CellState, group: GroupState, rule: Rule): void {
  const { undo } = state;
  group.rules.delete(rule);
  if (undo?.isRecording) undo.record(() => group.rules.add(rule));
  countAgainstQuota(state, group, rule, -weightOf(rule, state));
  if (rule.peer.kind === 'cidr') return;
  if (rule.peer.kind === 'group') return countReference(state, rule, -1);
  const { references } = known(state.prefixLists, rule.peer.prefixListId, 'prefix list');
  references.delete(rule);
  if (undo?.isRecording) undo.record(() => references.add(rule));
}

/** Another account's group may be gone while the rule that names it is still there. */
function countReference(state: CellState, { groupId, peer }: Rule, by: 1 | -1): void {
  const named = peer.kind === 'group' ? state.groups.get(peer.groupId) : undefined;
  if (named) count(state.undo, named.referencedBy, groupId, by);
}

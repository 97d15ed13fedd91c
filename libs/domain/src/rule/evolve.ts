import { known, type CellState, type GroupState } from '../cell/state.js';
import { count, put, remove } from '../cell/undo-log.js';
import { quotasOf, type Rule } from '../values/rule.js';
import type { RuleAuthorized, RuleRevoked } from './messages.js';

export function ruleAuthorized(state: CellState, { rule }: RuleAuthorized): void {
  const group = known(state.groups, rule.groupId, 'group');
  put(state.undo, state.rules, rule.ruleId, rule);
  group.rules.add(rule);
  if (state.undo?.isRecording) state.undo.record(() => group.rules.delete(rule));
  countRule(state, group, rule, 1);
}

export function ruleRevoked(state: CellState, { rule: { ruleId } }: RuleRevoked): void {
  const rule = known(state.rules, ruleId, 'rule');
  const group = known(state.groups, rule.groupId, 'group');
  remove(state.undo, state.rules, ruleId);
  group.rules.delete(rule);
  if (state.undo?.isRecording) state.undo.record(() => group.rules.add(rule));
  countRule(state, group, rule, -1);
}

function countRule(state: CellState, { quotas }: GroupState, rule: Rule, by: 1 | -1): void {
  for (const quota of quotasOf(rule)) {
    quotas[quota] += by;
    if (state.undo?.isRecording) state.undo.record(() => void (quotas[quota] -= by));
  }
  if (rule.peer.kind === 'group')
    count(state.undo, known(state.groups, rule.peer.groupId, 'group').referencedBy, rule.groupId, by);
}

import { known, type CellState } from '../cell/state.js';
import { count, put, remove } from '../cell/undo-log.js';
import { permissionKey, quotasOf, type Rule } from '../values/rule.js';
import type { RuleAuthorized, RuleRevoked } from './messages.js';

export function ruleAuthorized(state: CellState, { rule }: RuleAuthorized): void {
  put(state.undo, state.rules, rule.ruleId, rule);
  put(state.undo, known(state.groups, rule.groupId, 'group').rules, permissionKey(rule), rule);
  countRule(state, rule, 1);
}

export function ruleRevoked(state: CellState, { rule }: RuleRevoked): void {
  remove(state.undo, state.rules, rule.ruleId);
  remove(state.undo, known(state.groups, rule.groupId, 'group').rules, permissionKey(rule));
  countRule(state, rule, -1);
}

function countRule(state: CellState, rule: Rule, by: 1 | -1): void {
  const group = known(state.groups, rule.groupId, 'group');
  for (const quota of quotasOf(rule)) count(state.undo, group.quotas, quota, by);
  if (rule.peer.kind === 'group')
    count(state.undo, known(state.groups, rule.peer.groupId, 'group').referencedBy, rule.groupId, by);
}

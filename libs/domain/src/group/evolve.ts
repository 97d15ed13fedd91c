import { known, type CellState } from '../cell/state.js';
import { put, remove } from '../cell/undo-log.js';
import { untag } from '../tag/evolve.js';
import { GroupRules } from '../rule/group-rules.js';
import type { GroupCreated, GroupDeleted } from './messages.js';

export function groupCreated(state: CellState, event: GroupCreated): void {
  const { accountId, groupId, number, name } = event;
  const account = known(state.accounts, accountId, 'account');
  put(state.undo, account.groupIds, name.toLowerCase(), groupId);
  put(state.undo, state.groups, groupId, {
    accountId,
    groupId,
    number,
    name,
    rules: new GroupRules(),
    quotas: { 'ingress 4': 0, 'ingress 6': 0, 'egress 4': 0, 'egress 6': 0 },
    instanceIds: new Map(),
    referencedBy: new Map(),
  });
  put(state.undo, state.counters, 'groups', number);
}

export function groupDeleted(state: CellState, { accountId, groupId, name }: GroupDeleted): void {
  remove(state.undo, known(state.accounts, accountId, 'account').groupIds, name.toLowerCase());
  remove(state.undo, state.groups, groupId);
  untag(state, groupId);
}

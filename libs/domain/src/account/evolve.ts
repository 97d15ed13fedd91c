import type { CellState } from '../cell/state.js';
import { put } from '../cell/undo-log.js';
import type { AccountOpened } from './messages.js';

export function accountOpened(state: CellState, { accountId, vpcId }: AccountOpened): void {
  put(state.undo, state.accounts, accountId, {
    accountId,
    vpcId,
    groupIds: new Map(),
    prefixListIds: new Map(),
  });
}

import type { CellState } from '../cell/state.js';
import { put, remove } from '../cell/undo-log.js';
import type { HostEnrolled, HostRetired } from './messages.js';

export function hostEnrolled(state: CellState, { hostId, ranges }: HostEnrolled): void {
  const interfaces = state.hosts.get(hostId)?.interfaces ?? new Map();
  put(state.undo, state.hosts, hostId, { host: { hostId, ranges }, interfaces });
}

export function hostRetired(state: CellState, { hostId }: HostRetired): void {
  remove(state.undo, state.hosts, hostId);
}

import type { CellState } from '../cell/state.js';
import { put, remove } from '../cell/undo-log.js';
import type { InstanceId } from '../values/ids.js';
import type { HostEnrolled, HostRetired } from './messages.js';

export function hostEnrolled(state: CellState, { hostId, ranges, addresses = [] }: HostEnrolled): void {
  const interfaces = state.hosts.get(hostId)?.interfaces ?? new Map<string, InstanceId>();
  put(state.undo, state.hosts, hostId, { host: { hostId, ranges, addresses }, interfaces });
}

export function hostRetired(state: CellState, { hostId }: HostRetired): void {
  remove(state.undo, state.hosts, hostId);
}

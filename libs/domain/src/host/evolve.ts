import { known, type CellState } from '../cell/state.js';
import { put, remove } from '../cell/undo-log.js';
import type { InstanceId } from '../values/ids.js';
import type { HostEnrolled, HostRetired } from './messages.js';
import { hold, release } from './ranges.js';

export function hostEnrolled(state: CellState, { hostId, ranges, addresses = [] }: HostEnrolled): void {
  const before = state.hosts.get(hostId);
  const interfaces = before?.interfaces ?? new Map<string, InstanceId>();
  release(state.undo, state.ranges, hostId, before?.host.ranges ?? []);
  hold(state.undo, state.ranges, hostId, ranges);
  put(state.undo, state.hosts, hostId, { host: { hostId, ranges, addresses }, interfaces });
}

export function hostRetired(state: CellState, { hostId }: HostRetired): void {
  release(state.undo, state.ranges, hostId, known(state.hosts, hostId, 'host').host.ranges);
  remove(state.undo, state.hosts, hostId);
}

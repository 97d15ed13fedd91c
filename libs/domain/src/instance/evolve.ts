import { known, type CellState } from '../cell/state.js';
import { put, remove } from '../cell/undo-log.js';
import type { InstanceAttached, InstanceLaunched, InstanceTerminated } from './messages.js';
import { HOST_INTERFACE } from '../values/instance.js';
import { untag } from '../tag/evolve.js';
import { offsetOn } from './placement.js';

/** EC2 shows a terminated instance for about an hour; this many keep the memory bounded whatever the pace. */
export const REMEMBERED_TERMINATED = 10_000;

export function instanceLaunched(state: CellState, { instance }: InstanceLaunched): void {
  const { instanceId, hostId, interfaceName, addresses, groupIds } = instance;
  const host = known(state.hosts, hostId, 'host');
  put(state.undo, state.instances, instanceId, instance);
  put(state.undo, host.interfaces, interfaceName, instanceId);
  // A host's own addresses are no place in its ranges to go on from.
  if (interfaceName !== HOST_INTERFACE)
    put(state.undo, state.counters, `offset ${hostId}`, offsetOn(host.host.ranges, addresses));
  for (const address of addresses) put(state.undo, state.addresses, address, instanceId);
  for (const groupId of groupIds)
    put(state.undo, known(state.groups, groupId, 'group').instanceIds, instanceId, true);
}

export function instanceAttached(state: CellState, { instanceId, interfaceName }: InstanceAttached): void {
  const instance = known(state.instances, instanceId, 'instance');
  const { interfaces } = known(state.hosts, instance.hostId, 'host');
  put(state.undo, state.instances, instanceId, { ...instance, interfaceName });
  remove(state.undo, interfaces, instance.interfaceName);
  put(state.undo, interfaces, interfaceName, instanceId);
}

export function instanceTerminated(state: CellState, { instance }: InstanceTerminated): void {
  const { instanceId, hostId, interfaceName, addresses, groupIds } = instance;
  remove(state.undo, state.instances, instanceId);
  remove(state.undo, known(state.hosts, hostId, 'host').interfaces, interfaceName);
  for (const address of addresses) remove(state.undo, state.addresses, address);
  for (const groupId of groupIds)
    remove(state.undo, known(state.groups, groupId, 'group').instanceIds, instanceId);
  put(state.undo, state.terminated, instanceId, instance);
  const oldest = state.terminated.keys().next().value;
  if (state.terminated.size <= REMEMBERED_TERMINATED || !oldest) return;
  remove(state.undo, state.terminated, oldest);
  untag(state, oldest);
}

import { acceptOnce, repeated } from '../client-token/client-tokens.js';
import { MAX_GROUPS_PER_INSTANCE, type Limits } from '../cell/limits.js';
import { accept, refuse, type Decision } from '../cell/messages.js';
import type { CellState } from '../cell/state.js';
import { DEFAULT_GROUP_NAME } from '../group/defaults.js';
import { findGroups } from '../group/decide.js';
import type { HostRefusal } from '../host/messages.js';
import { tagsOfNew } from '../tag/decide.js';
import { HOST_INTERFACE, interfaceNameOf, type Instance } from '../values/instance.js';
import type { AttachInstance, InstanceRefusal, LaunchInstances, TerminateInstances } from './messages.js';
import { Placements, type Placement } from './placement.js';

export function launchInstances(command: LaunchInstances, state: CellState, limits: Limits): Decision {
  const { accountId, instanceIds, reservationId, imageId, instanceType, keyName } = command;
  if (!state.accounts.has(accountId)) return refuse({ code: 'AccountUnknown', accountId });
  const again = repeated(accountId, command.clientToken, state);
  if (again) return again;
  const wanted = command.groups.length > 0 ? command.groups : [{ groupName: DEFAULT_GROUP_NAME }];
  const groups = findGroups(wanted, accountId, state);
  if ('code' in groups) return refuse(groups);
  const limit = Math.min(limits.groupsPerInstance, MAX_GROUPS_PER_INSTANCE);
  if (groups.length > limit) return refuse({ code: 'GroupsPerInstanceLimitExceeded', limit });
  const placements = place(command, state);
  if ('code' in placements) return refuse(placements);
  const instances = placements.flatMap((placement, launchIndex): readonly Instance[] => {
    const instanceId = instanceIds[launchIndex];
    if (!instanceId) return [];
    const interfaceName =
      command.attachment === 'host' ? HOST_INTERFACE : (command.interfaceName ?? interfaceNameOf(instanceId));
    const groupIds = groups.map(({ groupId }) => groupId);
    const described = {
      imageId,
      instanceType,
      ...(keyName === undefined ? {} : { keyName }),
      ...(command.clientToken ? { clientToken: command.clientToken.token } : {}),
    };
    return [
      {
        instanceId,
        accountId,
        reservationId,
        launchIndex,
        ...placement,
        interfaceName,
        groupIds,
        ...described,
      },
    ];
  });
  const taken = instances.find(
    ({ hostId, interfaceName, launchIndex }) =>
      state.hosts.get(hostId)?.interfaces.has(interfaceName) ||
      (launchIndex > 0 && interfaceName === command.interfaceName),
  );
  if (taken)
    return refuse({ code: 'InterfaceTaken', hostId: taken.hostId, interfaceName: taken.interfaceName });
  const launchedIds = instances.map(({ instanceId }) => instanceId);
  const tags = tagsOfNew(accountId, launchedIds, command.tags ?? [], limits);
  if ('code' in tags) return refuse(tags);
  const launched = instances.map((instance) => ({ type: 'InstanceLaunched' as const, accountId, instance }));
  return acceptOnce(accountId, command.clientToken, launchedIds, [...launched, ...tags]);
}

/** A place for each instance wanted, or for as many as there is room for, if that is enough. */
function place(
  command: LaunchInstances,
  state: CellState,
): readonly Placement[] | InstanceRefusal | HostRefusal {
  const { instanceIds, atLeast, hostId, address } = command;
  if (hostId !== undefined && !state.hosts.has(hostId)) return { code: 'HostUnknown', hostId };
  if (command.attachment === 'host') return placeHost(command, state);
  const placements = new Placements(state);
  if (address !== undefined) {
    if (instanceIds.length > 1) return { code: 'AddressForOneInstance', address, count: instanceIds.length };
    const placement = placements.at(address, hostId);
    if (!placement) return { code: 'AddressNotOffered', address, hostIds: hostId ? [hostId] : [] };
    return taken(placement, state) ?? [placement];
  }
  const found: Placement[] = [];
  while (found.length < instanceIds.length) {
    const placement = placements.next(hostId);
    if (!placement) break;
    found.push(placement);
  }
  if (found.length >= Math.max(1, atLeast)) return found;
  return { code: 'CapacityExceeded', wanted: atLeast, free: found.length, ...(hostId ? { hostId } : {}) };
}

/** There is one host, however many were wanted. */
function placeHost(
  { hostId, atLeast, address }: LaunchInstances,
  state: CellState,
): readonly Placement[] | InstanceRefusal {
  const addresses = (hostId && state.hosts.get(hostId)?.host.addresses) ?? [];
  if (!hostId || addresses.length === 0) return { code: 'HostNotOffered', ...(hostId ? { hostId } : {}) };
  if (atLeast > 1) return { code: 'CapacityExceeded', wanted: atLeast, free: 1, hostId };
  if (address !== undefined && !addresses.includes(address))
    return { code: 'AddressNotOffered', address, hostIds: [hostId] };
  const placement = { hostId, addresses };
  return taken(placement, state) ?? [placement];
}

function taken({ addresses }: Placement, state: CellState): InstanceRefusal | undefined {
  for (const address of addresses) {
    const instanceId = state.addresses.get(address);
    if (instanceId) return { code: 'AddressTaken', address, instanceId };
  }
  return undefined;
}

/** Where it is already, nothing happens. A host that is an instance itself is behind no interface. */
export function attachInstance(
  { instanceId, hostId, interfaceName }: AttachInstance,
  state: CellState,
): Decision {
  const instance = state.instances.get(instanceId);
  if (instance?.hostId !== hostId || instance.interfaceName === HOST_INTERFACE)
    return refuse({ code: 'InstanceUnknown', instanceIds: [instanceId] });
  if (instance.interfaceName === interfaceName) return accept();
  if (state.hosts.get(hostId)?.interfaces.has(interfaceName))
    return refuse({ code: 'InterfaceTaken', hostId, interfaceName });
  const { accountId } = instance;
  return accept({ type: 'InstanceAttached', accountId, instanceId, hostId, interfaceName });
}

export function terminateInstances(
  { accountId, instanceIds }: TerminateInstances,
  state: CellState,
): Decision {
  const owned = (instance: Instance | undefined): boolean => instance?.accountId === accountId;
  const unknown = instanceIds.filter(
    (id) => !owned(state.instances.get(id)) && !owned(state.terminated.get(id)),
  );
  if (unknown.length > 0) return refuse({ code: 'InstanceUnknown', instanceIds: unknown });
  const running = [...new Set(instanceIds)].flatMap((id) => state.instances.get(id) ?? []);
  return accept(...running.map((instance) => ({ type: 'InstanceTerminated' as const, accountId, instance })));
}

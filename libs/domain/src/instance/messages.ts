import type { AccountId, HostId, InstanceId, ReservationId } from '../values/ids.js';
import type { Instance } from '../values/instance.js';
import type { IpAddress } from '../values/ip-address.js';
import type { ClientToken } from '../client-token/messages.js';
import type { GroupReference } from '../group/messages.js';
import type { Tag } from '../values/tag.js';

export interface LaunchInstances {
  readonly type: 'LaunchInstances';
  readonly accountId: AccountId;
  readonly reservationId: ReservationId;
  /** One id for each instance wanted; ids that find no room are left unused. */
  readonly instanceIds: readonly InstanceId[];
  /** Fewer than this and nothing is launched. */
  readonly atLeast: number;
  /** None means the account's `default` group. */
  readonly groups: readonly GroupReference[];
  readonly imageId: string;
  readonly instanceType: string;
  readonly keyName?: string;
  /** The least loaded host with room, when absent. */
  readonly hostId?: HostId;
  /** For a single instance; the host's next free one when absent. */
  readonly address?: IpAddress;
  /** `host` for the host itself, which `hostId` names, by its own addresses; an interface behind a host when absent. */
  readonly attachment?: 'host';
  /** The network interface that leads to it, for a single instance; one of our own naming when absent. */
  readonly interfaceName?: string;
  /** Put on each of the instances. */
  readonly tags?: readonly Tag[];
  readonly clientToken?: ClientToken;
}

/** All or nothing; an instance that is terminated already stays so. */
export interface TerminateInstances {
  readonly type: 'TerminateInstances';
  readonly accountId: AccountId;
  readonly instanceIds: readonly InstanceId[];
}

/** The instance is now behind another interface of its host, such as after a restart that named it anew. */
export interface AttachInstance {
  readonly type: 'AttachInstance';
  readonly instanceId: InstanceId;
  readonly hostId: HostId;
  readonly interfaceName: string;
}

// These names and fields are on disk in every installation. Add; don't rename or repurpose.
// To change a meaning, add a new type and an upcaster in libs/protocol/src/log.
export interface InstanceLaunched {
  readonly type: 'InstanceLaunched';
  readonly accountId: AccountId;
  readonly instance: Instance;
}

/** It keeps its addresses and its groups. */
export interface InstanceAttached {
  readonly type: 'InstanceAttached';
  readonly accountId: AccountId;
  readonly instanceId: InstanceId;
  readonly hostId: HostId;
  readonly interfaceName: string;
}

export interface InstanceTerminated {
  readonly type: 'InstanceTerminated';
  readonly accountId: AccountId;
  /** The whole instance, so that whoever enforces it knows which addresses leave which groups. */
  readonly instance: Instance;
}

export type InstanceRefusal =
  | { readonly code: 'InstanceUnknown'; readonly instanceIds: readonly InstanceId[] }
  | { readonly code: 'GroupsPerInstanceLimitExceeded'; readonly limit: number }
  | { readonly code: 'AddressTaken'; readonly address: IpAddress; readonly instanceId: InstanceId }
  | { readonly code: 'AddressNotOffered'; readonly address: IpAddress; readonly hostIds: readonly HostId[] }
  | { readonly code: 'AddressForOneInstance'; readonly address: IpAddress; readonly count: number }
  | {
      readonly code: 'CapacityExceeded';
      readonly wanted: number;
      readonly free: number;
      readonly hostId?: HostId;
    }
  | { readonly code: 'HostNotOffered'; readonly hostId?: HostId }
  | { readonly code: 'InterfaceTaken'; readonly hostId: HostId; readonly interfaceName: string };

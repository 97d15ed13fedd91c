import type { AccountId, GroupId, HostId, InstanceId, ReservationId } from './ids.js';
import type { IpAddress } from './ip-address.js';

/** What wears groups: a VM, a container, any network interface behind a host. Its groups are for life. */
export interface Instance {
  readonly instanceId: InstanceId;
  readonly accountId: AccountId;
  readonly reservationId: ReservationId;
  /** The place within its reservation, from 0. */
  readonly launchIndex: number;
  readonly hostId: HostId;
  /** The network interface on the host that leads to the instance; at most 15 bytes (IFNAMSIZ). */
  readonly interfaceName: string;
  /** At most one of each family. Only one instance ever holds an address at a time. */
  readonly addresses: readonly IpAddress[];
  readonly groupIds: readonly GroupId[];
  readonly imageId: string;
  readonly instanceType: string;
  readonly keyName?: string;
  /** What the client made its launch safe to repeat by. */
  readonly clientToken?: string;
}

/** The interface of an instance that is its host itself: packets that a host sends or gets have no name there. */
export const HOST_INTERFACE = '';

const INTERFACE_PREFIX = 'ri-';

/** Interface names made here begin so; an agent drops everything on one that it has no policy for. */
export const INTERFACE_PATTERN = `${INTERFACE_PREFIX}*`;

/** `ri-` and the id's last 12 digits: 15 bytes, all that Linux allows. */
export const interfaceNameOf = (instanceId: InstanceId): string =>
  INTERFACE_PREFIX + instanceId.slice(2).slice(-12);

import type { CellState, HostState } from '../cell/state.js';
import { addressAt, cidrContains, offsetIn, sizeOf } from '../values/cidr.js';
import type { Cidr } from '../values/cidr.js';
import type { HostId } from '../values/ids.js';
import { HOST_INTERFACE } from '../values/instance.js';
import { familyOf, type IpAddress } from '../values/ip-address.js';

/** As in an EC2 subnet: the first four addresses and the last are not given out. */
const RESERVED_AT_START = 4n;
const RESERVED_AT_END = 1n;

/** One address from each range of a host, at the same place in each. */
export interface Placement {
  readonly hostId: HostId;
  readonly addresses: readonly IpAddress[];
}

/**
 * Gives out places on hosts, one after the other, remembering what it gave: the state does not change while a
 * command is decided.
 */
export class Placements {
  readonly #state: CellState;
  readonly #given = new Map<HostId, number>();
  readonly #addresses = new Set<IpAddress>();

  constructor(state: CellState) {
    this.#state = state;
  }

  /** The next free place on that host, or on the least loaded one that has room. */
  next(hostId: HostId | undefined): Placement | undefined {
    const hosts = hostId === undefined ? this.#byLoad() : [this.#state.hosts.get(hostId)];
    for (const host of hosts) {
      const addresses = host && this.#freeAddresses(host);
      if (addresses) return this.#give({ hostId: host.host.hostId, addresses });
    }
    return undefined;
  }

  /** The place with that address, if a host (that host, when named) has it in its range. */
  at(address: IpAddress, hostId: HostId | undefined): Placement | undefined {
    const hosts = hostId === undefined ? [...this.#state.hosts.values()] : [this.#state.hosts.get(hostId)];
    for (const host of hosts) {
      const range = host?.host.ranges.find((one) => cidrContains(one, address));
      if (!host || !range) continue;
      const offset = offsetIn(range, address);
      if (offset < RESERVED_AT_START || offset >= roomOf(host)) return undefined;
      return this.#give({ hostId: host.host.hostId, addresses: addressesAt(host, offset) });
    }
    return undefined;
  }

  #give(placement: Placement): Placement {
    this.#given.set(placement.hostId, (this.#given.get(placement.hostId) ?? 0) + 1);
    for (const address of placement.addresses) this.#addresses.add(address);
    return placement;
  }

  #byLoad(): readonly HostState[] {
    const load = ({ host, interfaces }: HostState): number =>
      interfaces.size + (this.#given.get(host.hostId) ?? 0);
    return [...this.#state.hosts.values()].sort((one, other) => load(one) - load(other));
  }

  /**
   * Goes on from the address given last rather than from the first free one, so that an address just given up is
   * not at once another instance's.
   */
  #freeAddresses(host: HostState): readonly IpAddress[] | undefined {
    const room = roomOf(host) - RESERVED_AT_START;
    if (room <= BigInt(host.interfaces.size - (host.interfaces.has(HOST_INTERFACE) ? 1 : 0)))
      return undefined;
    const last = BigInt(this.#state.counters.get(`offset ${host.host.hostId}`) ?? 0);
    const start = last < RESERVED_AT_START ? 0n : last - RESERVED_AT_START + 1n;
    for (let step = 0n; step < room; step++) {
      const addresses = addressesAt(host, RESERVED_AT_START + ((start + step) % room));
      if (addresses.every((address) => this.#isFree(address))) return addresses;
    }
    return undefined;
  }

  #isFree(address: IpAddress): boolean {
    return !this.#state.addresses.has(address) && !this.#addresses.has(address);
  }
}

const addressesAt = ({ host }: HostState, offset: bigint): readonly IpAddress[] =>
  host.ranges.map((range) => addressAt(range, offset));

/** The first offset that is past what the smallest of the host's ranges has to give. */
const roomOf = ({ host }: HostState): bigint =>
  host.ranges.map((range) => sizeOf(range)).reduce((least, size) => (size < least ? size : least)) -
  RESERVED_AT_END;

/** Where in its host's first range of the same family an address lies; what placement goes on from. */
export function offsetOn(ranges: readonly Cidr[], addresses: readonly IpAddress[]): number {
  for (const range of ranges) {
    const address = addresses.find((one) => familyOf(one) === familyOf(range) && cidrContains(range, one));
    if (address) return Number(offsetIn(range, address));
  }
  return 0;
}

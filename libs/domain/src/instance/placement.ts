import type { CellState, HostState } from '../cell/state.js';
import { holderOf } from '../host/ranges.js';
import { addressAt, cidrContains, offsetIn, sizeOf, type Cidr } from '../values/cidr.js';
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
  readonly #addresses = new Set<IpAddress>();
  /** Where the last address was found on each host. */
  readonly #last = new Map<HostId, bigint>();
  readonly #places = this.#byLoad();

  constructor(state: CellState) {
    this.#state = state;
  }

  /** The next free place on that host, or on the least loaded one that has room. */
  next(hostId: HostId | undefined): Placement | undefined {
    if (hostId === undefined) return this.#places.next().value;
    const host = this.#state.hosts.get(hostId);
    return host && this.#on(host);
  }

  /** The place with that address, if a host (that host, when named) has it in its range. */
  at(address: IpAddress, hostId: HostId | undefined): Placement | undefined {
    const holder = holderOf(address, this.#state.ranges);
    const host = holder && this.#state.hosts.get(holder);
    if (!host || (hostId !== undefined && hostId !== holder)) return undefined;
    const range = host.host.ranges.find((one) => cidrContains(one, address));
    if (!range) return undefined;
    const offset = offsetIn(range, address);
    if (offset < RESERVED_AT_START || offset >= roomOf(host)) return undefined;
    return { hostId: host.host.hostId, addresses: addressesAt(host, offset) };
  }

  /** Looks at all hosts once, however many places are wanted; one that is full stays so. */
  *#byLoad(): Generator<Placement, undefined> {
    const byLoad = Map.groupBy(this.#state.hosts.values(), ({ interfaces }) => interfaces.size);
    let hosts: readonly HostState[] = [];
    for (let load = 0; byLoad.size + hosts.length > 0; load++) {
      const withRoom: HostState[] = [];
      for (const host of [...(byLoad.get(load) ?? []), ...hosts]) {
        const placement = this.#on(host);
        if (!placement) continue;
        withRoom.push(host);
        yield placement;
      }
      byLoad.delete(load);
      hosts = withRoom;
    }
    return undefined;
  }

  /**
   * Goes on from the address given last rather than from the first free one, so that an address just given up is
   * not at once another instance's.
   */
  #on(host: HostState): Placement | undefined {
    const { hostId } = host.host;
    const room = roomOf(host) - RESERVED_AT_START;
    if (room <= BigInt(host.interfaces.size - (host.interfaces.has(HOST_INTERFACE) ? 1 : 0)))
      return undefined;
    const last = this.#last.get(hostId) ?? BigInt(this.#state.counters.get(`offset ${hostId}`) ?? 0);
    const start = last < RESERVED_AT_START ? 0n : last - RESERVED_AT_START + 1n;
    for (let step = 0n; step < room; step++) {
      const offset = RESERVED_AT_START + ((start + step) % room);
      const addresses = addressesAt(host, offset);
      if (!addresses.every((address) => this.#isFree(address))) continue;
      for (const address of addresses) this.#addresses.add(address);
      this.#last.set(hostId, offset);
      return { hostId, addresses };
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

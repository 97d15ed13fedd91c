import { accept, refuse, type Decision } from '../cell/messages.js';
import type { CellState, HostState } from '../cell/state.js';
import { cidrContains, sizeOf, type Cidr } from '../values/cidr.js';
import { HOST_INTERFACE } from '../values/instance.js';
import { familyOf, type IpAddress } from '../values/ip-address.js';
import type { HostId } from '../values/ids.js';
import type { EnrollHost, HostRefusal, RecordRepair, RetireHost } from './messages.js';
import { overlapping } from './ranges.js';

// Four addresses are reserved at the start of a range and one at its end; a smaller block has none to give.
const SMALLEST_RANGE = 8n;

/**
 * Enrolling again with the same ranges and addresses changes nothing; other ranges must still hold every instance
 * there, and the addresses of a host that is an instance itself stay.
 */
export function enrollHost({ hostId, ranges, addresses = [] }: EnrollHost, state: CellState): Decision {
  const enrolled = state.hosts.get(hostId);
  const isSame = enrolled && sameItems(enrolled.host.addresses ?? [], addresses);
  if (isSame && sameItems(enrolled.host.ranges, ranges)) return accept();
  const refusal =
    malformed(ranges) ??
    taken(hostId, ranges, state) ??
    (enrolled && (inUse(enrolled, ranges, state) ?? (isSame ? undefined : ownInUse(enrolled))));
  const own = addresses.length > 0 ? { addresses } : {};
  return refusal ? refuse(refusal) : accept({ type: 'HostEnrolled', hostId, ranges, ...own });
}

export function retireHost({ hostId }: RetireHost, state: CellState): Decision {
  const host = state.hosts.get(hostId);
  if (!host) return refuse({ code: 'HostUnknown', hostId });
  const instances = host.interfaces.size;
  return instances > 0
    ? refuse({ code: 'HostInUse', hostId, instances })
    : accept({ type: 'HostRetired', hostId });
}

export function recordRepair({ hostId, operations, undone }: RecordRepair, state: CellState): Decision {
  if (!state.hosts.has(hostId)) return refuse({ code: 'HostUnknown', hostId });
  return accept({ type: 'HostTableRepaired', hostId, operations, undone });
}

const sameItems = <Item extends Cidr | IpAddress>(one: readonly Item[], other: readonly Item[]): boolean =>
  one.length === other.length && one.every((item) => other.includes(item));

function ownInUse({ host: { hostId }, interfaces }: HostState): HostRefusal | undefined {
  const instanceId = interfaces.get(HOST_INTERFACE);
  return instanceId && { code: 'HostAddressesInUse', hostId, instanceId };
}

function malformed(ranges: readonly Cidr[]): HostRefusal | undefined {
  const no = (fix: string): HostRefusal => ({ code: 'RangesMalformed', ranges, fix });
  if (ranges.length === 0) return no('give the host at least one range, such as 10.0.1.0/24');
  if (new Set(ranges.map(familyOf)).size < ranges.length)
    return no('give at most one IPv4 and one IPv6 range');
  if (ranges.some((range) => sizeOf(range) < SMALLEST_RANGE)) return no('use a range of 8 addresses or more');
  return undefined;
}

function taken(hostId: HostId, ranges: readonly Cidr[], state: CellState): HostRefusal | undefined {
  for (const range of ranges) {
    const other = overlapping(range, hostId, state.ranges);
    if (other) return { code: 'RangeOverlaps', range, hostId: other.hostId, other: other.range };
  }
  return undefined;
}

function inUse(
  { host, interfaces }: HostState,
  ranges: readonly Cidr[],
  state: CellState,
): HostRefusal | undefined {
  const outside = [...interfaces].filter(([name, instanceId]) => {
    if (name === HOST_INTERFACE) return false;
    const addresses = state.instances.get(instanceId)?.addresses ?? [];
    return !addresses.every((address) => ranges.some((range) => cidrContains(range, address)));
  });
  return outside.length > 0
    ? { code: 'RangeInUse', hostId: host.hostId, instances: outside.length }
    : undefined;
}

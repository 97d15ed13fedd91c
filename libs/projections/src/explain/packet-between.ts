import {
  familyOf,
  ICMPV6,
  type AddressFamily,
  type Flow,
  type InstanceId,
  type IpAddress,
  type Packet,
} from '#libs/domain';
import type { Directory } from '../directory/directory.js';

/** Where a packet may come from or go to: an instance, or an address that may or may not be an instance's. */
export type FlowEnd =
  | { readonly kind: 'instance'; readonly instanceId: InstanceId }
  | { readonly kind: 'address'; readonly address: IpAddress };

export interface Question {
  readonly from: FlowEnd;
  readonly to: FlowEnd;
  readonly flow: Flow;
  /** Where both would do, IPv4 unless it is given; IPv6 for ICMPv6. */
  readonly family?: AddressFamily;
}

export type NoPacket =
  | { readonly code: 'InstanceUnknown'; readonly instanceId: InstanceId }
  | { readonly code: 'FamilyNotShared'; readonly families: readonly AddressFamily[] };

/** The packet that is asked about, or why there can be none. */
export function packetBetween(directory: Directory, { from, to, flow, family }: Question): Packet | NoPacket {
  const [sources, destinations] = [addressesOf(directory, from), addressesOf(directory, to)];
  const gone = sources ? to : from;
  if ((!sources || !destinations) && gone.kind === 'instance')
    return { code: 'InstanceUnknown', instanceId: gone.instanceId };
  const both: readonly AddressFamily[] = flow.protocol === ICMPV6 ? [6, 4] : [4, 6];
  const families = family === undefined ? both : [family];
  for (const one of families) {
    const isOfFamily = (address: IpAddress): boolean => familyOf(address) === one;
    const [source, destination] = [sources?.find(isOfFamily), destinations?.find(isOfFamily)];
    if (source && destination) return { source, destination, flow };
  }
  return { code: 'FamilyNotShared', families };
}

/** None of an instance that isn't there, or there no longer. */
function addressesOf(directory: Directory, end: FlowEnd): readonly IpAddress[] | undefined {
  if (end.kind === 'address') return [end.address];
  const view = directory.instances.get(end.instanceId);
  return view?.terminatedAt === undefined ? view?.instance.addresses : undefined;
}

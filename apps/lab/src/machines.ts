import type { Cidr, HostId, InstanceId, IpAddress } from '#libs/domain';
import { interfaceNameOf } from '#libs/domain';

/** How many hosts the lab's address plan has room for. */
export const MAX_HOSTS = 200;

/** What a lab has, as `rampart lab status --json` shows it. Without a kernel nothing has a namespace. */
interface Machine {
  readonly name: string;
  readonly id: string;
  /** The IPv4 address; the first of `addresses`. */
  readonly address: IpAddress;
  readonly addresses: readonly IpAddress[];
  readonly namespace: string | null;
}

export interface HostMachine extends Machine {
  readonly kind: 'host';
  readonly id: HostId;
  /** Where its instances get their addresses from. */
  readonly ranges: readonly Cidr[];
}

export interface InstanceMachine extends Machine {
  readonly kind: 'instance';
  readonly id: InstanceId;
  /** The name of the host it is on. */
  readonly host: HostId;
  /** The host's end of the link to it. */
  readonly interfaceName: string;
}

export interface ClientMachine extends Machine {
  readonly kind: 'client';
}

export type AnyMachine = HostMachine | InstanceMachine | ClientMachine;

/** Host k's place in the underlay, 172.31.0.0/24 and fd00:172:31::/64, in which the fabric is number 1. */
const underlay = (place: number): readonly [IpAddress, IpAddress] => [
  `172.31.0.${place}` as IpAddress,
  `fd00:172:31::${place}` as IpAddress,
];

export const FABRIC_ADDRESSES = underlay(1);

/** `host-1`, `host-2` and so on; `namespaceFor` names the namespace of a name, or says that there are none. */
export function hostMachine(k: number, namespaceFor: (name: string) => string | null): HostMachine {
  const name = `host-${k}` as HostId;
  const addresses = underlay(10 + k);
  const ranges = [`10.0.${k}.0/24`, `fd00:0:0:${k}::/64`] as readonly string[] as readonly Cidr[];
  const namespace = namespaceFor(name);
  return { kind: 'host', name, id: name, address: addresses[0], addresses, namespace, ranges };
}

/** A client outside, of the addresses that documentation is written with. */
export function internetMachine(namespaceFor: (name: string) => string | null): ClientMachine {
  const address = '198.51.100.10' as IpAddress;
  const addresses = [address, '2001:db8:ffff::10' as IpAddress];
  const name = 'internet';
  return { kind: 'client', name, id: name, address, addresses, namespace: namespaceFor(name) };
}

/** What the control plane tells of an instance. */
export interface PlacedInstance {
  readonly instanceId: InstanceId;
  readonly host: HostId;
  readonly addresses: readonly IpAddress[];
}

export function instanceMachine(
  { instanceId, host, addresses }: PlacedInstance,
  name: string,
  namespaceFor: (name: string) => string | null,
): InstanceMachine {
  const [address] = addresses;
  if (address === undefined) throw new TypeError(`${instanceId} has no address`);
  const interfaceName = interfaceNameOf(instanceId);
  const namespace = namespaceFor(name);
  return { kind: 'instance', name, id: instanceId, address, addresses, namespace, host, interfaceName };
}

import { familyOf } from '#libs/domain';
import { FABRIC_ADDRESSES, type AnyMachine, type HostMachine, type InstanceMachine } from '../machines.js';
import { namespaceOf } from './namespace.js';

/**
 * The lab's wiring as lines for `ip -batch`. Everything is routed: there is no bridge, and no link ever has an end in
 * the machine's own namespace.
 *
 *     internet eth0 ── internet fabric host-1 ── uplink host-1 ri-0a1b… ── eth0 instance
 *                                      host-2 ── uplink host-2 …
 */
export const FABRIC = namespaceOf('fabric');

/** The ends of an instance's link know each other from the start, so nobody need ask who is there. */
const HOST_END = '02:00:00:00:00:01';
const INSTANCE_END = '02:00:00:00:00:02';
/** An instance's gateway: whatever its host is called, it is the one at the other end of the link. */
const GATEWAYS = ['169.254.1.1', 'fe80::1'] as const;

const INTERNET_GATEWAYS = ['198.51.100.1', '2001:db8:ffff::1'] as const;

/** Both ends are made where they belong; `namespace` may have been added by the line before. */
const link = (name: string, namespace: string, peer: string, peerNamespace: string): string =>
  `link add name ${name} netns ${namespace} type veth peer name ${peer} netns ${peerNamespace}`;

const peers = (own: readonly string[], other: readonly string[], device: string): readonly string[] =>
  own.map((address, index) => `address add ${address} peer ${other[index]} dev ${device}${nodad(address)}`);

/** The addresses are ours alone: waiting a second to find that nobody has them would only cost a second. */
const nodad = (address: string): string => (address.includes(':') ? ' nodad' : '');

/** Both ends of a link are set up at once, so the gateway may not look reachable yet: `onlink` says that it is. */
const way = (to: string, gateway: string | undefined, device: string): string =>
  `route add ${to} via ${gateway} dev ${device} onlink`;

const defaults = (gateways: readonly string[], device: string): readonly string[] =>
  gateways.map((gateway) => way('default', gateway, device));

export function namespaceLines(hosts: readonly HostMachine[], client: AnyMachine): readonly string[] {
  const machines = [...hosts, client];
  return [
    `netns add ${FABRIC}`,
    ...machines.map(({ name }) => `netns add ${namespaceOf(name)}`),
    ...hosts.map(({ name }) => link(name, FABRIC, 'uplink', namespaceOf(name))),
    link(client.name, FABRIC, 'eth0', namespaceOf(client.name)),
  ];
}

export function fabricLines(hosts: readonly HostMachine[], client: AnyMachine): readonly string[] {
  return [
    'link set lo up',
    ...hosts.flatMap(({ name, addresses, ranges }) => [
      `link set ${name} up`,
      ...peers(FABRIC_ADDRESSES, addresses, name),
      ...ranges.map((range, index) => way(range, addresses[index], name)),
    ]),
    `link set ${client.name} up`,
    ...peers(INTERNET_GATEWAYS, client.addresses, client.name),
  ];
}

export const hostLines = ({ addresses }: HostMachine): readonly string[] => [
  'link set lo up',
  'link set uplink up',
  ...peers(addresses, FABRIC_ADDRESSES, 'uplink'),
  ...defaults(FABRIC_ADDRESSES, 'uplink'),
];

export const clientLines = ({ addresses }: AnyMachine): readonly string[] => [
  'link set lo up',
  'link set eth0 up',
  ...peers(addresses, INTERNET_GATEWAYS, 'eth0'),
  ...defaults(INTERNET_GATEWAYS, 'eth0'),
];

export const attachLines = ({ name, host, interfaceName }: InstanceMachine): readonly string[] => [
  `netns add ${namespaceOf(name)}`,
  `link add name ${interfaceName} address ${HOST_END} netns ${namespaceOf(host)} ` +
    `type veth peer name eth0 address ${INSTANCE_END} netns ${namespaceOf(name)}`,
];

/** In the host: the way to the instance. */
export const hostEndLines = ({ interfaceName, addresses }: InstanceMachine): readonly string[] => [
  `link set ${interfaceName} addrgenmode none`,
  `link set ${interfaceName} up`,
  ...addresses.flatMap((address) => [
    `neighbour add ${address} lladdr ${INSTANCE_END} dev ${interfaceName} nud permanent`,
    `route add ${address} dev ${interfaceName}`,
  ]),
];

/** In the instance: its addresses, and everything else by way of its host. */
export const instanceEndLines = ({ addresses }: InstanceMachine): readonly string[] => [
  'link set lo up',
  'link set eth0 addrgenmode none',
  'link set eth0 up',
  ...addresses.map((address) => `address add ${address} dev eth0${nodad(address)}`),
  ...GATEWAYS.filter((gateway) => addresses.some((one) => familyOf(one) === familyOf(gateway))).flatMap(
    (gateway) => [
      `neighbour add ${gateway} lladdr ${HOST_END} dev eth0 nud permanent`,
      way('default', gateway, 'eth0'),
    ],
  ),
];

export const detachLine = ({ interfaceName }: InstanceMachine): string => `link delete ${interfaceName}`;

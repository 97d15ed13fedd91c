import type { Effect, InstancesEffect, NamedGroup, PeerMeaning, Permission } from '#libs/domain';
import { protocolAndPorts } from '#libs/protocol';
import { portsOf } from '../rules.js';
import { tableOf, type Columns } from '../table.js';

/** More names than this are counted. */
const SHOWN = 5;

interface Line extends Permission {
  readonly verb: 'opens' | 'closes';
  readonly of: InstancesEffect;
  readonly except: readonly Permission[];
}

/** What would open and close, a line for each permission and the instances that wear the same groups. */
export function effectText({ instances, peers, withoutInstances }: Effect): string {
  const lines = instances.flatMap((of) => [
    ...of.closed.map((one): Line => ({ verb: 'closes', of, ...one })),
    ...of.opened.map((one): Line => ({ verb: 'opens', of, ...one })),
  ]);
  const table = lines.length === 0 ? 'no instance is affected\n' : tableOf(columnsFor(peers), lines);
  if (withoutInstances.length === 0) return table;
  return `${table}no instance wears ${namesOf(withoutInstances)}\n`;
}

const columnsFor = (peers: readonly PeerMeaning[]): Columns<Line> => [
  ['', ({ verb }) => verb],
  ['DIRECTION', ({ direction }) => direction],
  ['PROTOCOL', ({ traffic }) => protocolOf(traffic)],
  ['PORTS', ({ traffic }) => portsText(traffic)],
  ['PEER', (line) => peerText(line, peers)],
  ['INSTANCES', ({ of }) => listed(of.instanceIds)],
  ['GROUPS', ({ of }) => namesOf(of.groups)],
  ['EXCEPT', ({ except }) => listed(except.map((one) => exceptionText(one, peers)))],
];

const listed = (texts: readonly string[]): string =>
  texts.length > SHOWN
    ? `${texts.slice(0, SHOWN).join(', ')} and ${texts.length - SHOWN} more`
    : texts.join(', ');

const namesOf = (groups: readonly NamedGroup[]): string =>
  listed(groups.map(({ name, groupId }) => name || groupId));

function protocolOf(traffic: Permission['traffic']): string {
  const { ipProtocol } = protocolAndPorts(traffic);
  return ipProtocol === '-1' ? 'all' : ipProtocol;
}

function portsText(traffic: Permission['traffic']): string {
  const { ipProtocol: protocol, fromPort: from = -1, toPort: to = -1 } = protocolAndPorts(traffic);
  return portsOf({ protocol, from, to });
}

const exceptionText = (one: Permission, peers: readonly PeerMeaning[]): string =>
  `${protocolOf(one.traffic)} ${portsText(one.traffic)} ${peerText(one, peers)}`.replaceAll(/\s+/g, ' ');

function peerText({ direction, peer }: Permission, peers: readonly PeerMeaning[]): string {
  const to = direction === 'ingress' ? 'from' : 'to';
  if (peer.kind === 'cidr') return `${to} ${peer.cidr}`;
  const id = peer.kind === 'group' ? peer.groupId : peer.prefixListId;
  const meaning = peers.find((one) => ('groupId' in one ? one.groupId : one.prefixListId) === id);
  if (!meaning) return `${to} ${id}`;
  const now = 'addresses' in meaning ? meaning.addresses : meaning.blocks;
  return `${to} ${meaning.name || id} (${now.length === 0 ? 'empty now' : listed(now)})`;
}

import { peerKey, type Traffic } from '#libs/domain';
import type { MissingPermission } from './missing.js';

const NAMES: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' };

/** What to type in a shell so that the permission is there. */
export function authorizeLine({ group, direction, traffic, peer, peerName }: MissingPermission): string {
  return [
    'ec2-authorize',
    typed(group.name, group.groupId),
    ...(direction === 'egress' ? ['--egress'] : []),
    ...trafficWords(traffic),
    ...(peer.kind === 'group' ? ['-o', typed(peerName, peer.groupId)] : ['-s', peerKey(peer)]),
  ].join(' ');
}

function trafficWords(traffic: Traffic): readonly string[] {
  if (traffic.kind === 'all') return ['-P', 'all'];
  const protocol = ['-P', NAMES[traffic.protocol] ?? String(traffic.protocol)];
  switch (traffic.kind) {
    case 'protocol':
      return protocol;
    case 'ports': {
      const { from, to } = traffic;
      return [...protocol, '-p', from === to ? String(from) : `${from}-${to}`];
    }
    case 'icmp':
      return [...protocol, '-t', `${traffic.type ?? -1}:${traffic.code ?? -1}`];
  }
}

/** The name as a shell takes it, or the id where a name would be taken for a flag. */
function typed(name: string | undefined, id: string): string {
  if (name === undefined || name.startsWith('-')) return id;
  return /^[\w./:-]+$/.test(name) ? name : `'${name}'`;
}

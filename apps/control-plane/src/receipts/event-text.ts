import { peerKey, type Event, type GroupId, type Rule, type Traffic } from '#libs/domain';
import type { Directory } from '#libs/projections';
import { protocolAndPorts } from '#libs/protocol';

/** An event in a few words, with the names of groups that are there still. */
export function eventText(event: Event, directory: Directory): string {
  const nameOf = (groupId: GroupId): string => directory.groups.get(groupId)?.name ?? groupId;
  switch (event.type) {
    case 'AccountOpened':
      return `account ${event.accountId}`;
    case 'GroupCreated':
    case 'GroupDeleted':
    case 'PrefixListCreated':
    case 'PrefixListDeleted':
      return event.name;
    case 'RuleAuthorized':
    case 'RuleRevoked':
    case 'RuleModified':
      return `${nameOf(event.rule.groupId)}: ${ruleText(event.rule, nameOf)}`;
    case 'InstanceLaunched':
    case 'InstanceTerminated':
      return `${event.instance.instanceId} on ${event.instance.hostId}: ${event.instance.groupIds.map(nameOf).join(', ')}`;
    case 'InstanceAttached':
      return `${event.instanceId} on ${event.hostId}: ${event.interfaceName}`;
    case 'RuleDescriptionChanged':
      return `${nameOf(event.groupId)}: ${event.ruleId}`;
    case 'PrefixListModified':
      return `${event.prefixListId}: ${event.added.length} added, ${event.removed.length} removed`;
    case 'TagsChanged':
      return event.resourceId;
    case 'ClientTokenUsed':
      return event.resourceIds.join(', ');
    case 'HostRetired':
      return event.hostId;
    case 'HostTableRepaired':
      return `${event.hostId}: ${event.operations} operations, such as ${event.undone[0] ?? 'none'}`;
    case 'HostEnrolled':
      return `${event.hostId}: ${event.ranges.join(', ')}`;
  }
}

function ruleText({ direction, traffic, peer }: Rule, nameOf: (groupId: GroupId) => string): string {
  const far = peer.kind === 'group' ? nameOf(peer.groupId) : peerKey(peer);
  return `${trafficText(traffic)} ${direction === 'ingress' ? 'from' : 'to'} ${far}`;
}

function trafficText(traffic: Traffic): string {
  const { ipProtocol } = protocolAndPorts(traffic);
  switch (traffic.kind) {
    case 'all':
      return 'all';
    case 'protocol':
      return ipProtocol;
    case 'ports': {
      const { from, to } = traffic;
      return from === to ? `${ipProtocol} ${from}` : `${ipProtocol} ${from}-${to}`;
    }
    case 'icmp': {
      const { type, code } = traffic;
      if (type === undefined) return ipProtocol;
      return `${ipProtocol} type ${type}${code === undefined ? '' : ` code ${code}`}`;
    }
  }
}

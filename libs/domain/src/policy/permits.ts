import type { CellState } from '../cell/state.js';
import { cidrContains } from '../values/cidr.js';
import type { Cidr } from '../values/cidr.js';
import type { GroupId, PrefixListId } from '../values/ids.js';
import type { IpAddress } from '../values/ip-address.js';
import type { Direction, Rule } from '../values/rule.js';
import { trafficIncludes, type Flow } from '../values/traffic.js';

/** What a connection's first packet is judged by. Every later packet of the connection is judged as the first. */
export interface Packet {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly flow: Flow;
}

/** The least that must be known to judge a packet. */
export interface Policy {
  /** The groups of the instance at that address; undefined when no instance is there. */
  groupsAt(address: IpAddress): readonly GroupId[] | undefined;
  rulesOf(groupId: GroupId): Iterable<Rule>;
  blocksOf(prefixListId: PrefixListId): Iterable<Cidr>;
}

/**
 * The reference semantics, slow and obvious: a packet passes when a rule of the sender's groups lets it out and a
 * rule of the receiver's groups lets it in. An end that is no instance of ours asks for nothing.
 */
export function permits(policy: Policy, { source, destination, flow }: Packet): boolean {
  return (
    permitsOneWay(policy, 'egress', source, destination, flow) &&
    permitsOneWay(policy, 'ingress', destination, source, flow)
  );
}

/** Whether the instance at `own`, if there is one, has a rule for this traffic with `peer`. */
export function permitsOneWay(
  policy: Policy,
  direction: Direction,
  own: IpAddress,
  peer: IpAddress,
  flow: Flow,
): boolean {
  const groups = policy.groupsAt(own);
  if (!groups) return true;
  return groups.some((groupId) =>
    Iterator.from(policy.rulesOf(groupId)).some(
      (rule) =>
        rule.direction === direction && trafficIncludes(rule.traffic, flow) && isPeer(policy, rule, peer),
    ),
  );
}

function isPeer(policy: Policy, { peer }: Rule, address: IpAddress): boolean {
  switch (peer.kind) {
    case 'cidr':
      return cidrContains(peer.cidr, address);
    case 'group':
      return policy.groupsAt(address)?.includes(peer.groupId) ?? false;
    case 'prefix-list':
      return Iterator.from(policy.blocksOf(peer.prefixListId)).some((block) => cidrContains(block, address));
  }
}

/** The policy of a whole cell, straight from its state. */
export const policyOf = (state: CellState): Policy => ({
  groupsAt: (address) => {
    const instanceId = state.addresses.get(address);
    return instanceId && state.instances.get(instanceId)?.groupIds;
  },
  rulesOf: (groupId) => state.groups.get(groupId)?.rules ?? [],
  blocksOf: (prefixListId) => state.prefixLists.get(prefixListId)?.entries.keys() ?? [],
});

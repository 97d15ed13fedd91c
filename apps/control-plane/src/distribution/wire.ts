import type { Instance, Peer, Rule } from '#libs/domain';
import type { ChainDelta, Distribution } from '#libs/projections';
import {
  hostSubject,
  membersSubject,
  prefixesSubject,
  rulesSubject,
  type AgentInstance,
  type AgentPeer,
  type AgentRule,
  type Delta,
} from '#libs/protocol';

/** What hosts read: domain values with the kernel's numbers of the groups that they name. */
export class Wire {
  readonly #distribution: Distribution;

  constructor(distribution: Distribution) {
    this.#distribution = distribution;
  }

  subjectOf(delta: ChainDelta): string {
    switch (delta.kind) {
      case 'host':
        return hostSubject(delta.hostId);
      case 'rules':
        return rulesSubject(delta.groupId);
      case 'members':
        return membersSubject(delta.groupId);
      case 'prefixes':
        return prefixesSubject(delta.prefixListId);
    }
  }

  delta(delta: ChainDelta): Delta {
    const { position, event, previous, previousEvent } = delta;
    const link = { position, event, previous, previousEvent };
    switch (delta.kind) {
      case 'host': {
        const [launched, terminated] = [delta.launched, delta.terminated].map((all) =>
          all.map((one) => this.instance(one)),
        );
        return {
          type: 'host',
          ...link,
          hostId: delta.hostId,
          launched: launched ?? [],
          terminated: terminated ?? [],
        };
      }
      case 'rules': {
        const { groupId, number } = delta;
        const added = delta.added.map((rule) => this.rule(rule));
        return {
          type: 'rules',
          ...link,
          groupId,
          number,
          added,
          removed: delta.removed.map(({ ruleId }) => ruleId),
        };
      }
      case 'members': {
        const { groupId, number, added, removed } = delta;
        return { type: 'members', ...link, groupId, number, added, removed };
      }
      case 'prefixes': {
        const { prefixListId, added, removed } = delta;
        return { type: 'prefixes', ...link, prefixListId, added, removed };
      }
    }
  }

  rule({ ruleId, direction, traffic, peer }: Rule): AgentRule {
    return { ruleId, direction, traffic, peer: this.#peer(peer) };
  }

  instance({ instanceId, interfaceName, addresses, groupIds }: Instance): AgentInstance {
    const groups = groupIds.map((groupId) => ({ groupId, number: this.#distribution.numberOf(groupId) }));
    return { instanceId, interfaceName, addresses, groups };
  }

  #peer(peer: Peer): AgentPeer {
    switch (peer.kind) {
      case 'cidr':
        return peer;
      case 'group':
        return { kind: peer.kind, groupId: peer.groupId, number: this.#distribution.numberOf(peer.groupId) };
      case 'prefix-list':
        return { kind: peer.kind, prefixListId: peer.prefixListId };
    }
  }
}

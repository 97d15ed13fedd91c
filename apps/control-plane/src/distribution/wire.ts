import type { Instance, Rule } from '#libs/domain';
import type { ChainDelta, Distribution } from '#libs/projections';
import {
  hostSubject,
  membersSubject,
  rulesSubject,
  type AgentInstance,
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
    }
  }

  delta(delta: ChainDelta): Delta {
    const { position, previous } = delta;
    switch (delta.kind) {
      case 'host': {
        const [launched, terminated] = [delta.launched, delta.terminated].map((all) =>
          all.map((one) => this.instance(one)),
        );
        return {
          type: 'host',
          position,
          previous,
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
          position,
          previous,
          groupId,
          number,
          added,
          removed: delta.removed.map(({ ruleId }) => ruleId),
        };
      }
      case 'members': {
        const { groupId, number, added, removed } = delta;
        return { type: 'members', position, previous, groupId, number, added, removed };
      }
    }
  }

  rule({ ruleId, direction, traffic, peer }: Rule): AgentRule {
    const numbered =
      peer.kind === 'cidr'
        ? peer
        : {
            kind: 'group' as const,
            groupId: peer.groupId,
            number: this.#distribution.numberOf(peer.groupId),
          };
    return { ruleId, direction, traffic, peer: numbered };
  }

  instance({ instanceId, interfaceName, addresses, groupIds }: Instance): AgentInstance {
    const groups = groupIds.map((groupId) => ({ groupId, number: this.#distribution.numberOf(groupId) }));
    return { instanceId, interfaceName, addresses, groups };
  }
}

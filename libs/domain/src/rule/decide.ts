import type { Limits } from '../cell/limits.js';
import { accept, refuse, type Decision } from '../cell/messages.js';
import type { CellState, GroupState } from '../cell/state.js';
import { findGroup } from '../group/decide.js';
import type { GroupRefusal } from '../group/messages.js';
import { permissionKey, quotasOf, type Peer, type Rule, type RuleQuota } from '../values/rule.js';
import type { AuthorizeRules, RequestedPeer, RevokeRules, RuleRefusal } from './messages.js';

export function authorizeRules(command: AuthorizeRules, state: CellState, limits: Limits): Decision {
  const { accountId, direction } = command;
  const group = findGroup(command.group, accountId, state);
  if (!group) return refuse({ code: 'GroupUnknown', accountId, group: command.group });
  const { groupId } = group;
  const added = new Map<string, Rule>();
  for (const { peer: requested, ...rest } of command.rules) {
    const peer = findPeer(requested, state);
    if ('code' in peer) return refuse(peer);
    const rule: Rule = { ...rest, groupId, direction, peer };
    const existing = group.rules.permitting(rule);
    if (existing) return refuse({ code: 'RuleDuplicate', rule, existing: existing.ruleId });
    const key = permissionKey(rule);
    if (added.has(key)) return refuse({ code: 'RuleRepeated', rule });
    added.set(key, rule);
  }
  const overLimit = exceedsQuota(group, added.values(), limits);
  if (overLimit) return refuse(overLimit);
  return accept(...added.values().map((rule) => ({ type: 'RuleAuthorized' as const, accountId, rule })));
}

export function revokeRules(command: RevokeRules, state: CellState): Decision {
  const { accountId, direction } = command;
  const group = findGroup(command.group, accountId, state);
  if (!group) return refuse({ code: 'GroupUnknown', accountId, group: command.group });
  const revoked = new Set<Rule>();
  for (const ruleId of command.ruleIds) {
    const rule = state.rules.get(ruleId);
    if (rule?.groupId !== group.groupId || rule.direction !== direction)
      return refuse({ code: 'RuleUnknown', ruleId });
    revoked.add(rule);
  }
  for (const { traffic, peer: requested } of command.permissions) {
    const peer = findPeer(requested, state);
    if ('code' in peer) return refuse(peer);
    const rule = group.rules.permitting({ direction, traffic, peer });
    if (rule) revoked.add(rule);
  }
  return accept(...revoked.values().map((rule) => ({ type: 'RuleRevoked' as const, accountId, rule })));
}

/** Any account's group may be a peer; it is looked for in the account that the peer names. */
function findPeer(requested: RequestedPeer, state: CellState): Peer | GroupRefusal {
  if (requested.kind === 'cidr') return requested;
  const { accountId, group: reference } = requested;
  const group = findGroup(reference, accountId, state);
  return group
    ? { kind: 'group', accountId, groupId: group.groupId }
    : { code: 'GroupUnknown', accountId, group: reference };
}

function exceedsQuota(
  group: GroupState,
  added: Iterable<Rule>,
  { rulesPerGroup }: Limits,
): RuleRefusal | undefined {
  const counts = new Map<RuleQuota, number>();
  for (const rule of added) {
    for (const quota of quotasOf(rule)) {
      const next = (counts.get(quota) ?? group.quotas[quota]) + 1;
      if (next > rulesPerGroup) return { code: 'RuleLimitExceeded', limit: rulesPerGroup };
      counts.set(quota, next);
    }
  }
  return undefined;
}

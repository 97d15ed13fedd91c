import type { Limits } from '../cell/limits.js';
import { accept, refuse, type Decision, type Refusal } from '../cell/messages.js';
import type { CellState, GroupState } from '../cell/state.js';
import { findGroup, groupUnknown } from '../group/decide.js';
import { tagsOfNew } from '../tag/decide.js';
import { familyOf } from '../values/ip-address.js';
import { permissionKey, type Direction, type Peer, type Rule } from '../values/rule.js';
import { findPeer } from './find-peer.js';
import type {
  AuthorizeRules,
  ChangeRuleDescriptions,
  ModifyRules,
  RequestedPeer,
  RequestedRule,
  RevokeRules,
} from './messages.js';
import { exceedsQuota, weightOf } from './quota.js';

export function authorizeRules(command: AuthorizeRules, state: CellState, limits: Limits): Decision {
  const { accountId, direction } = command;
  const group = findGroup(command.group, accountId, state);
  if (!group) return refuse(groupUnknown(command.group, accountId, state));
  const added = new Map<string, Rule>();
  for (const requested of command.rules) {
    const rule = ruleFrom(requested, direction, group, state);
    if ('code' in rule) return refuse(rule);
    const existing = group.rules.permitting(rule);
    if (existing) return refuse({ code: 'RuleDuplicate', rule, existing: existing.ruleId });
    const key = permissionKey(rule);
    if (added.has(key)) return refuse({ code: 'RuleRepeated', rule });
    added.set(key, rule);
  }
  const rules = [...added.values()];
  const weighed = rules.map((rule) => ({ rule, weight: weightOf(rule, state) }));
  const overLimit = exceedsQuota(group, weighed, limits);
  if (overLimit) return refuse(overLimit);
  const ruleIds = rules.map(({ ruleId }) => ruleId);
  const tags = tagsOfNew(accountId, ruleIds, command.tags ?? [], limits);
  if ('code' in tags) return refuse(tags);
  return accept(...rules.map((rule) => ({ type: 'RuleAuthorized' as const, accountId, rule })), ...tags);
}

export function modifyRules(command: ModifyRules, state: CellState, limits: Limits): Decision {
  const { accountId } = command;
  const group = findGroup(command.group, accountId, state);
  if (!group) return refuse(groupUnknown(command.group, accountId, state));
  const changes = new Map<string, { readonly rule: Rule; readonly before: Rule }>();
  const modified = new Set<Rule>();
  for (const requested of command.rules) {
    const before = state.rules.get(requested.ruleId);
    if (before?.groupId !== group.groupId) return refuse({ code: 'RuleUnknown', ruleId: requested.ruleId });
    if (modified.has(before)) return refuse({ code: 'RuleRepeated', rule: before });
    modified.add(before);
    const rule = ruleFrom(requested, before.direction, group, state);
    if ('code' in rule) return refuse(rule);
    if (peerKind(rule.peer) !== peerKind(before.peer))
      return refuse({ code: 'RulePeerKindFixed', ruleId: rule.ruleId });
    const key = permissionKey(rule);
    if (changes.has(key)) return refuse({ code: 'RuleRepeated', rule });
    changes.set(key, { rule, before });
  }
  const all = [...changes.values()];
  for (const { rule } of all) {
    const existing = group.rules.permitting(rule);
    if (existing && !modified.has(existing))
      return refuse({ code: 'RuleDuplicate', rule, existing: existing.ruleId });
  }
  const weighed = all.flatMap(({ rule, before }) => [
    { rule, weight: weightOf(rule, state) },
    { rule: before, weight: -weightOf(before, state) },
  ]);
  const overLimit = exceedsQuota(group, weighed, limits);
  if (overLimit) return refuse(overLimit);
  const isNews = ({ rule, before }: { rule: Rule; before: Rule }): boolean =>
    permissionKey(rule) !== permissionKey(before) || rule.description !== before.description;
  return accept(...all.filter(isNews).map((one) => ({ type: 'RuleModified' as const, accountId, ...one })));
}

export function changeRuleDescriptions(command: ChangeRuleDescriptions, state: CellState): Decision {
  const { accountId } = command;
  const group = findGroup(command.group, accountId, state);
  if (!group) return refuse(groupUnknown(command.group, accountId, state));
  const changed = new Map<Rule, string | undefined>();
  for (const one of command.rules) {
    const rule = named(one, group, command.direction, accountId, state);
    if ('code' in rule) return refuse(rule);
    changed.set(rule, one.description);
  }
  return accept(
    ...[...changed]
      .filter(([rule, description]) => rule.description !== description)
      .map(([{ groupId, ruleId }, description]) => ({
        type: 'RuleDescriptionChanged' as const,
        accountId,
        groupId,
        ruleId,
        ...(description === undefined ? {} : { description }),
      })),
  );
}

export function revokeRules(command: RevokeRules, state: CellState): Decision {
  const { accountId, direction } = command;
  const group = findGroup(command.group, accountId, state);
  if (!group) return refuse(groupUnknown(command.group, accountId, state));
  const revoked = new Set<Rule>();
  for (const ruleId of command.ruleIds) {
    const rule = named({ ruleId }, group, direction, accountId, state);
    if ('code' in rule) return refuse(rule);
    revoked.add(rule);
  }
  for (const permission of command.permissions) {
    const rule = named(permission, group, direction, accountId, state);
    if (!('code' in rule)) revoked.add(rule);
    else if (rule.code !== 'PermissionUnknown') return refuse(rule);
  }
  return accept(...[...revoked].map((rule) => ({ type: 'RuleRevoked' as const, accountId, rule })));
}

function ruleFrom(
  { peer: requested, ...rest }: RequestedRule,
  direction: Direction,
  { groupId, accountId }: GroupState,
  state: CellState,
): Rule | Refusal {
  const peer = findPeer(requested, accountId, state);
  return 'code' in peer ? peer : { ...rest, groupId, direction, peer };
}

/** The group's rule of that direction with that id, or that permits just that. */
function named(
  wanted: ChangeRuleDescriptions['rules'][number],
  group: GroupState,
  direction: Direction,
  accountId: GroupState['accountId'],
  state: CellState,
): Rule | Refusal {
  if ('ruleId' in wanted) {
    const rule = state.rules.get(wanted.ruleId);
    const isThere = rule?.groupId === group.groupId && rule.direction === direction;
    return isThere ? rule : { code: 'RuleUnknown', ruleId: wanted.ruleId };
  }
  const { traffic, peer: requested } = wanted;
  const found = findPeer(requested, accountId, state);
  const peer = 'code' in found ? missingGroup(requested) : found;
  const rule = peer && group.rules.permitting({ direction, traffic, peer });
  if (rule) return rule;
  const permission = { traffic, peer: requested };
  return 'code' in found ? found : { code: 'PermissionUnknown', groupId: group.groupId, permission };
}

/** A group that is gone can still be named by its id, and the rules that name it are there until they are revoked. */
function missingGroup(requested: RequestedPeer): Peer | undefined {
  if (requested.kind !== 'group' || !('groupId' in requested.group)) return undefined;
  return { kind: 'group', accountId: requested.accountId, groupId: requested.group.groupId };
}

const peerKind = (peer: Peer): string => (peer.kind === 'cidr' ? `cidr ${familyOf(peer.cidr)}` : peer.kind);

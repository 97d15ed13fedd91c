import type { Limits } from '../cell/limits.js';
import { accept, refuse, type Decision } from '../cell/messages.js';
import type { CellState, GroupState } from '../cell/state.js';
import type { AccountId, GroupId } from '../values/ids.js';
import { tagsOfNew } from '../tag/decide.js';
import { allowAllEgress, DEFAULT_GROUP_NAME } from './defaults.js';
import type { CreateGroup, DeleteGroup, GroupReference, GroupRefusal } from './messages.js';

// Amazon's CreateSecurityGroup page, "for VPC security groups"; trailing spaces are trimmed, as EC2 does.
const TEXT = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/;
const SHOWN_DEPENDANTS = 10;

export function createGroup(command: CreateGroup, state: CellState, limits: Limits): Decision {
  const { accountId, groupId, description } = command;
  const name = command.name.trimEnd();
  const account = state.accounts.get(accountId);
  if (!account) return refuse({ code: 'AccountUnknown', accountId });
  if (!TEXT.test(name) || name.startsWith('sg-')) return refuse({ code: 'GroupNameMalformed', name });
  if (!TEXT.test(description)) return refuse({ code: 'GroupDescriptionMalformed', description });
  if (name.toLowerCase() === DEFAULT_GROUP_NAME) return refuse({ code: 'GroupNameReserved', name });
  const taken = account.groupIds.get(name.toLowerCase());
  if (taken) return refuse({ code: 'GroupNameTaken', accountId, vpcId: account.vpcId, name, groupId: taken });
  if (account.groupIds.size >= limits.groupsPerAccount)
    return refuse({ code: 'GroupLimitExceeded', limit: limits.groupsPerAccount });
  const tags = tagsOfNew(accountId, [groupId], command.tags ?? [], limits);
  if ('code' in tags) return refuse(tags);
  const number = (state.counters.get('groups') ?? 0) + 1;
  return accept(
    { type: 'GroupCreated', accountId, groupId, number, name, description },
    ...allowAllEgress(groupId, command.ruleIds).map((rule) => ({
      type: 'RuleAuthorized' as const,
      accountId,
      rule,
    })),
    ...tags,
  );
}

/**
 * Refused while an instance wears the group or a rule of the account names it, its own included (as EC2 does). Other
 * accounts' rules don't keep it: they are left stale, or anyone could forbid the deletion of anyone's group.
 */
export function deleteGroup(command: DeleteGroup, state: CellState): Decision {
  const { accountId } = command;
  const group = findGroup(command.group, accountId, state);
  if (!group) return refuse(groupUnknown(command.group, accountId, state));
  const { groupId, name } = group;
  if (name === DEFAULT_GROUP_NAME) return refuse({ code: 'GroupIsDefault', groupId, name });
  const instanceIds = [...group.instanceIds.keys().take(SHOWN_DEPENDANTS)];
  const isOwn = (id: GroupId): boolean => state.groups.get(id)?.accountId === accountId;
  const referencedBy = [...group.referencedBy.keys().filter(isOwn).take(SHOWN_DEPENDANTS)];
  if (instanceIds.length > 0 || referencedBy.length > 0)
    return refuse({ code: 'GroupInUse', groupId, instanceIds, referencedBy });
  const revoked = [...group.rules].map((rule) => ({ type: 'RuleRevoked' as const, accountId, rule }));
  return accept(...revoked, { type: 'GroupDeleted', accountId, groupId, name });
}

/** The account's own group of that id or name. */
export function findGroup(
  reference: GroupReference,
  accountId: AccountId,
  state: CellState,
): GroupState | undefined {
  const groupId =
    'groupId' in reference
      ? reference.groupId
      : state.accounts.get(accountId)?.groupIds.get(reference.groupName.trimEnd().toLowerCase());
  const group = groupId && state.groups.get(groupId);
  return group?.accountId === accountId ? group : undefined;
}

export function groupUnknown(group: GroupReference, accountId: AccountId, state: CellState): GroupRefusal {
  const vpcId = state.accounts.get(accountId)?.vpcId;
  return { code: 'GroupUnknown', accountId, ...(vpcId ? { vpcId } : {}), group };
}

/** The account's own groups, or the refusal of the first that there is not. */
export function findGroups(
  references: readonly GroupReference[],
  accountId: AccountId,
  state: CellState,
): readonly GroupState[] | GroupRefusal {
  const groups = new Set<GroupState>();
  for (const reference of references) {
    const group = findGroup(reference, accountId, state);
    if (!group) return groupUnknown(reference, accountId, state);
    groups.add(group);
  }
  return [...groups];
}

import { accept, type Decision } from '../cell/messages.js';
import type { CellState } from '../cell/state.js';
import { allowAllEgress, DEFAULT_GROUP_NAME } from '../group/defaults.js';
import type { OpenAccount } from './messages.js';

/** An account has its `default` group from the first moment: all from its own members in, everything out. */
export function openAccount(command: OpenAccount, state: CellState): Decision {
  const { accountId, vpcId, defaultGroupId: groupId, ruleIds } = command;
  if (state.accounts.has(accountId)) return accept();
  const [fromItself, ...out] = ruleIds;
  return accept(
    { type: 'AccountOpened', accountId, vpcId },
    {
      type: 'GroupCreated',
      accountId,
      groupId,
      number: (state.counters.get('groups') ?? 0) + 1,
      name: DEFAULT_GROUP_NAME,
      description: 'default VPC security group',
    },
    {
      type: 'RuleAuthorized',
      accountId,
      rule: {
        ruleId: fromItself,
        groupId,
        direction: 'ingress',
        traffic: { kind: 'all' },
        peer: { kind: 'group', accountId, groupId },
      },
    },
    ...allowAllEgress(groupId, out).map((rule) => ({ type: 'RuleAuthorized' as const, accountId, rule })),
  );
}

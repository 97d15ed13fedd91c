import { openAccount } from '../account/decide.js';
import { applyChangeSet } from '../change-set/decide.js';
import { createGroup, deleteGroup } from '../group/decide.js';
import { enrollHost, recordRepair, retireHost } from '../host/decide.js';
import { attachInstance, launchInstances, terminateInstances } from '../instance/decide.js';
import { createPrefixList, deletePrefixList, modifyPrefixList } from '../prefix-list/decide.js';
import { authorizeRules, changeRuleDescriptions, modifyRules, revokeRules } from '../rule/decide.js';
import { changeTags } from '../tag/decide.js';
import { EC2_LIMITS, type Limits } from './limits.js';
import type { Command, Decision } from './messages.js';
import type { CellState } from './state.js';

/** What a command leads to on this state. Looks at nothing else and leaves everything as it is. */
export function decide(command: Command, state: CellState, limits: Limits = EC2_LIMITS): Decision {
  switch (command.type) {
    case 'OpenAccount':
      return openAccount(command, state);
    case 'CreateGroup':
      return createGroup(command, state, limits);
    case 'DeleteGroup':
      return deleteGroup(command, state);
    case 'AuthorizeRules':
      return authorizeRules(command, state, limits);
    case 'RevokeRules':
      return revokeRules(command, state);
    case 'ModifyRules':
      return modifyRules(command, state, limits);
    case 'ChangeRuleDescriptions':
      return changeRuleDescriptions(command, state);
    case 'CreatePrefixList':
      return createPrefixList(command, state, limits);
    case 'ModifyPrefixList':
      return modifyPrefixList(command, state, limits);
    case 'DeletePrefixList':
      return deletePrefixList(command, state);
    case 'ChangeTags':
      return changeTags(command, state, limits);
    case 'ApplyChangeSet':
      return applyChangeSet(command, state, (change, trial) => decide(change, trial, limits));
    case 'LaunchInstances':
      return launchInstances(command, state, limits);
    case 'AttachInstance':
      return attachInstance(command, state);
    case 'TerminateInstances':
      return terminateInstances(command, state);
    case 'EnrollHost':
      return enrollHost(command, state);
    case 'RetireHost':
      return retireHost(command, state);
    case 'RecordRepair':
      return recordRepair(command, state);
  }
}

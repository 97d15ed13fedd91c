import { accountOpened } from '../account/evolve.js';
import { groupCreated, groupDeleted } from '../group/evolve.js';
import { hostEnrolled, hostRetired } from '../host/evolve.js';
import { instanceAttached, instanceLaunched, instanceTerminated } from '../instance/evolve.js';
import { clientTokenUsed } from '../client-token/client-tokens.js';
import { prefixListCreated, prefixListDeleted, prefixListModified } from '../prefix-list/evolve.js';
import { ruleAuthorized, ruleDescriptionChanged, ruleModified, ruleRevoked } from '../rule/evolve.js';
import { tagsChanged } from '../tag/evolve.js';
import type { Event } from './messages.js';
import type { CellState } from './state.js';

/** Folds one event into the state, in place. Never refuses: what is in the log has happened. */
export function evolve(state: CellState, event: Event): CellState {
  switch (event.type) {
    case 'AccountOpened':
      accountOpened(state, event);
      break;
    case 'GroupCreated':
      groupCreated(state, event);
      break;
    case 'GroupDeleted':
      groupDeleted(state, event);
      break;
    case 'RuleAuthorized':
      ruleAuthorized(state, event);
      break;
    case 'RuleRevoked':
      ruleRevoked(state, event);
      break;
    case 'RuleModified':
      ruleModified(state, event);
      break;
    case 'RuleDescriptionChanged':
      ruleDescriptionChanged(state, event);
      break;
    case 'PrefixListCreated':
      prefixListCreated(state, event);
      break;
    case 'PrefixListModified':
      prefixListModified(state, event);
      break;
    case 'PrefixListDeleted':
      prefixListDeleted(state, event);
      break;
    case 'TagsChanged':
      tagsChanged(state, event);
      break;
    case 'ClientTokenUsed':
      clientTokenUsed(state, event);
      break;
    case 'InstanceLaunched':
      instanceLaunched(state, event);
      break;
    case 'InstanceAttached':
      instanceAttached(state, event);
      break;
    case 'InstanceTerminated':
      instanceTerminated(state, event);
      break;
    case 'HostEnrolled':
      hostEnrolled(state, event);
      break;
    case 'HostRetired':
      hostRetired(state, event);
      break;
    case 'HostTableRepaired':
      break; // history only
    default:
      event satisfies never;
  }
  return state;
}

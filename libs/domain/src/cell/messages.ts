import type { AccountOpened, AccountUnknown, OpenAccount } from '../account/messages.js';
import type {
  CreateGroup,
  DeleteGroup,
  GroupCreated,
  GroupDeleted,
  GroupRefusal,
} from '../group/messages.js';
import type { ApplyChangeSet, ChangedSince } from '../change-set/messages.js';
import type { ClientTokenRefusal, ClientTokenUsed } from '../client-token/messages.js';
import type {
  EnrollHost,
  HostEnrolled,
  HostRefusal,
  HostRetired,
  HostTableRepaired,
  RecordRepair,
  RetireHost,
} from '../host/messages.js';
import type {
  AttachInstance,
  InstanceAttached,
  InstanceLaunched,
  InstanceRefusal,
  InstanceTerminated,
  LaunchInstances,
  TerminateInstances,
} from '../instance/messages.js';
import type {
  CreatePrefixList,
  DeletePrefixList,
  ModifyPrefixList,
  PrefixListCreated,
  PrefixListDeleted,
  PrefixListModified,
  PrefixListRefusal,
} from '../prefix-list/messages.js';
import type {
  AuthorizeRules,
  ChangeRuleDescriptions,
  ModifyRules,
  RevokeRules,
  RuleAuthorized,
  RuleDescriptionChanged,
  RuleModified,
  RuleRefusal,
  RuleRevoked,
} from '../rule/messages.js';
import type { ChangeTags, TagRefusal, TagsChanged } from '../tag/messages.js';

/** A wish. It carries every id and name it may need: deciding knows no clock and no chance. */
export type Command =
  | OpenAccount
  | CreateGroup
  | DeleteGroup
  | AuthorizeRules
  | RevokeRules
  | ModifyRules
  | ChangeRuleDescriptions
  | CreatePrefixList
  | ModifyPrefixList
  | DeletePrefixList
  | ChangeTags
  | ApplyChangeSet
  | LaunchInstances
  | AttachInstance
  | TerminateInstances
  | EnrollHost
  | RetireHost
  | RecordRepair;

/** A fact, stored for ever. */
export type Event =
  | AccountOpened
  | GroupCreated
  | GroupDeleted
  | RuleAuthorized
  | RuleRevoked
  | RuleModified
  | RuleDescriptionChanged
  | PrefixListCreated
  | PrefixListModified
  | PrefixListDeleted
  | TagsChanged
  | ClientTokenUsed
  | InstanceLaunched
  | InstanceAttached
  | InstanceTerminated
  | HostEnrolled
  | HostRetired
  | HostTableRepaired;

/** A correct no: why a command changes nothing. */
export type Refusal =
  | AccountUnknown
  | GroupRefusal
  | RuleRefusal
  | PrefixListRefusal
  | TagRefusal
  | ClientTokenRefusal
  | ChangedSince
  | InstanceRefusal
  | HostRefusal;

/** `accepted` with no events means that what was asked is so already. */
export type Decision = { readonly accepted: true; readonly events: readonly Event[] } | Refused;

export interface Refused {
  readonly accepted: false;
  readonly refusal: Refusal;
  /** Of a change set: which of its changes is refused, from 0. */
  readonly index?: number;
}

export const accept = (...events: readonly Event[]): Decision => ({ accepted: true, events });
export const refuse = (refusal: Refusal): Decision => ({ accepted: false, refusal });

import type { CreateGroup, DeleteGroup } from '../group/messages.js';
import type { AuthorizeRules, ChangeRuleDescriptions, ModifyRules, RevokeRules } from '../rule/messages.js';
import type { ChangeTags } from '../tag/messages.js';
import type { AccountId, GroupId, LogPosition } from '../values/ids.js';

/** What a change set may hold. */
export type Change =
  | CreateGroup
  | DeleteGroup
  | AuthorizeRules
  | RevokeRules
  | ModifyRules
  | ChangeRuleDescriptions
  | ChangeTags;

/** Changes of several groups as one commit: each is decided on what those before it leave. All or nothing. */
export interface ApplyChangeSet {
  readonly type: 'ApplyChangeSet';
  readonly accountId: AccountId;
  readonly changes: readonly Change[];
  /** Refused when a group whose rules are to change was changed after this position. */
  readonly expected?: LogPosition;
}

/** Somebody else changed the group since the change set was made up. */
export interface ChangedSince {
  readonly code: 'ChangedSince';
  readonly groupId: GroupId;
  readonly name: string;
  readonly expected: LogPosition;
  readonly changedAt: LogPosition;
}

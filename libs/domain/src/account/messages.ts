import type { AccountId, GroupId, RuleId, VpcId } from '../values/ids.js';

export interface OpenAccount {
  readonly type: 'OpenAccount';
  readonly accountId: AccountId;
  readonly vpcId: VpcId;
  readonly defaultGroupId: GroupId;
  /** Of the default group's rules: all from itself, all to IPv4, all to IPv6. */
  readonly ruleIds: readonly [RuleId, RuleId, RuleId];
}

// These names and fields are on disk in every installation. Add; don't rename or repurpose.
// To change a meaning, add a new type and an upcaster in libs/protocol/src/log.
export interface AccountOpened {
  readonly type: 'AccountOpened';
  readonly accountId: AccountId;
  /** The account's one implicit VPC, reported wherever EC2 clients expect a `vpcId`. */
  readonly vpcId: VpcId;
}

export interface AccountUnknown {
  readonly code: 'AccountUnknown';
  readonly accountId: AccountId;
}

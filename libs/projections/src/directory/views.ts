import type {
  AccountId,
  GroupId,
  Host,
  Instance,
  Instant,
  LogPosition,
  Rule,
  RuleId,
  VpcId,
} from '#libs/domain';

export interface AccountView {
  readonly accountId: AccountId;
  readonly vpcId: VpcId;
}

export interface GroupView {
  readonly groupId: GroupId;
  readonly accountId: AccountId;
  readonly vpcId: VpcId;
  readonly name: string;
  readonly description: string;
  readonly rules: ReadonlyMap<RuleId, Rule>;
}

export interface InstanceView {
  readonly instance: Instance;
  readonly launchedAt: Instant;
  readonly terminatedAt?: Instant;
}

export interface HostView {
  readonly host: Host;
  readonly enrolledAt: Instant;
  /** Where it stood in the log when it enrolled. */
  readonly position: LogPosition;
  readonly instances: number;
}

import type {
  AccountId,
  AddressFamily,
  Cidr,
  GroupId,
  Host,
  Instance,
  Instant,
  LogPosition,
  PrefixListEntry,
  PrefixListId,
  Rule,
  RuleId,
  Tags,
  VpcId,
} from '#libs/domain';

/** `position`, wherever it stands: of the event that introduced the thing. */
export interface AccountView {
  readonly accountId: AccountId;
  readonly vpcId: VpcId;
}

export interface GroupView {
  readonly groupId: GroupId;
  readonly accountId: AccountId;
  readonly position: LogPosition;
  readonly vpcId: VpcId;
  readonly name: string;
  readonly description: string;
  readonly rules: ReadonlyMap<RuleId, RuleView>;
  readonly tags: Tags;
}

export interface RuleView {
  readonly rule: Rule;
  /** Of the group that is its peer, when that is the same account's: another's names are its own affair. */
  readonly peerName: string | undefined;
  /** The owner of the group. */
  readonly accountId: AccountId;
  readonly position: LogPosition;
  /** Of the event that last modified it, or else introduced it: since then it permits what it permits. */
  readonly since: LogPosition;
  readonly tags: Tags;
}

export interface InstanceView {
  readonly instance: Instance;
  readonly vpcId: VpcId;
  /** Of its groups, in the same order: neither can change while it runs. */
  readonly groupNames: readonly string[];
  readonly accountId: AccountId;
  readonly position: LogPosition;
  readonly launchedAt: Instant;
  readonly terminatedAt?: Instant;
  readonly tags: Tags;
}

export interface PrefixListView {
  readonly prefixListId: PrefixListId;
  readonly accountId: AccountId;
  readonly position: LogPosition;
  readonly name: string;
  readonly family: AddressFamily;
  readonly maxEntries: number;
  /** From 1, one more with each change of the entries. */
  readonly version: number;
  /** By whatever change, of its name alone too. */
  readonly isModified: boolean;
  readonly entries: ReadonlyMap<Cidr, PrefixListEntry>;
  readonly tags: Tags;
  /** The entries as they were at an older version; undefined for one that never was or is remembered no more. */
  entriesAt(version: number): ReadonlyMap<Cidr, PrefixListEntry> | undefined;
}

export interface HostView {
  readonly host: Host;
  readonly enrolledAt: Instant;
  /** Where it stood in the log when it enrolled. */
  readonly position: LogPosition;
  readonly instances: number;
}

import type {
  Cidr,
  Direction,
  Flow,
  GroupId,
  HostId,
  InstanceId,
  Instant,
  IpAddress,
  LogPosition,
  RuleId,
  Traffic,
} from '#libs/domain';

/**
 * What the control plane and the agents say to each other, as JSON. Both ends ignore fields that they don't know.
 *
 * 1 (2026-11): rules, members and host deltas; sync; reports.
 */
export const PROTOCOL_VERSION = 1;

/** What an agent needs to know of a group that it has rules or members of. */
export interface GroupNumber {
  readonly groupId: GroupId;
  /** The cell's own number for the group; the kernel's key for it. */
  readonly number: number;
}

export type AgentPeer =
  { readonly kind: 'cidr'; readonly cidr: Cidr } | ({ readonly kind: 'group' } & GroupNumber);

export interface AgentRule {
  readonly ruleId: RuleId;
  readonly direction: Direction;
  readonly traffic: Traffic;
  readonly peer: AgentPeer;
}

export interface AgentInstance {
  readonly instanceId: InstanceId;
  readonly interfaceName: string;
  readonly addresses: readonly IpAddress[];
  readonly groups: readonly GroupNumber[];
}

/** Every subject is a chain: `previous` is the position of the subject's change before this one. */
export interface Link {
  readonly position: LogPosition;
  readonly previous: LogPosition;
}

/** On `rampart.rules.<group>`, followed by the hosts of the group's instances. */
export interface RulesDelta extends Link, GroupNumber {
  readonly type: 'rules';
  readonly added: readonly AgentRule[];
  readonly removed: readonly RuleId[];
}

/** On `rampart.members.<group>`, followed by the hosts that enforce a rule with the group as its peer. */
export interface MembersDelta extends Link, GroupNumber {
  readonly type: 'members';
  readonly added: readonly IpAddress[];
  readonly removed: readonly IpAddress[];
}

/** On `rampart.host.<host>`, followed by that host. */
export interface HostDelta extends Link {
  readonly type: 'host';
  readonly hostId: HostId;
  readonly launched: readonly AgentInstance[];
  readonly terminated: readonly AgentInstance[];
}

export type Delta = RulesDelta | MembersDelta | HostDelta;

/** What a host knows of each chain: the position it has it at. */
export interface ChainPositions {
  readonly host: LogPosition;
  readonly rules: Readonly<Record<GroupId, LogPosition>>;
  readonly members: Readonly<Record<GroupId, LogPosition>>;
}

/** "This is where I am; what do I lack?" Also how a host makes itself known. */
export interface SyncRequest {
  readonly version: number;
  readonly hostId: HostId;
  readonly ranges: readonly Cidr[];
  readonly has: ChainPositions;
}

/**
 * All that the host lacks, whole chains at a time; chains that it has at the right position are left out. When
 * `more` is set there was no room for everything: apply this and ask again.
 */
export interface SyncReply {
  readonly version: number;
  readonly position: LogPosition;
  readonly host?: { readonly position: LogPosition; readonly instances: readonly AgentInstance[] };
  readonly rules: readonly (GroupNumber & {
    readonly position: LogPosition;
    readonly rules: readonly AgentRule[];
  })[];
  readonly members: readonly (GroupNumber & {
    readonly position: LogPosition;
    readonly addresses: readonly IpAddress[];
  })[];
  readonly more: boolean;
}

/** The sync could not be answered; the agent keeps what it enforces and asks again later. */
export interface SyncRefusal {
  readonly code: string;
  readonly message: string;
}

/** Which chain a host confirms, and up to where: the kernel transaction that holds it has committed. */
export interface Confirmation {
  readonly chain: 'host' | 'rules' | 'members';
  readonly groupId?: GroupId;
  readonly position: LogPosition;
}

export interface HostReport {
  readonly version: number;
  readonly hostId: HostId;
  readonly enforced: readonly Confirmation[];
  /**
   * After a sync that left nothing missing: the kernel holds all up to this position that concerns the host, also what
   * it was told of and lost, or needed for so short a time that it never heard of it.
   */
  readonly upTo?: LogPosition;
  /** Changes that the kernel did not take, and why. They are not enforced, everything else is. */
  readonly refused: readonly (Confirmation & { readonly reason: string })[];
  /** From the message's arrival to the kernel's answer. */
  readonly microseconds: number;
}

/** On `rampart.receipt`: one change, and what became of it. */
export interface ReceiptNotice {
  readonly position: LogPosition;
  readonly time: Instant;
  readonly requestId: string;
  /** The commit's events, by type, such as `RuleAuthorized`. */
  readonly events: readonly string[];
  /** In a person's words, such as `Apache: tcp 80 from 0.0.0.0/0`. */
  readonly summary: string;
  readonly concerned: number;
  readonly enforced: number;
  readonly milliseconds: number;
}

/** A connection's first packet, for agents without a kernel. */
export interface EvaluateRequest {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly flow: Flow;
}

export interface EvaluateReply {
  readonly verdict: 'accept' | 'drop';
}

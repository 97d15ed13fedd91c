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
  PrefixListId,
  RuleId,
  Traffic,
} from '#libs/domain';

/**
 * What the control plane and the agents say to each other, as JSON. Both ends ignore fields that they don't know.
 *
 * 1 (2026-11): rules, members and host deltas; sync in pages; reports. Added since, and left out by who does not know
 * them: prefix lists; the event at each position; reminders.
 */
export const PROTOCOL_VERSION = 1;

/** What an agent needs to know of a group that it has rules or members of. */
export interface GroupNumber {
  readonly groupId: GroupId;
  /** The cell's own number for the group; the kernel's key for it. */
  readonly number: number;
}

export type AgentPeer =
  | { readonly kind: 'cidr'; readonly cidr: Cidr }
  | ({ readonly kind: 'group' } & GroupNumber)
  | { readonly kind: 'prefix-list'; readonly prefixListId: PrefixListId };

export interface AgentRule {
  readonly ruleId: RuleId;
  readonly direction: Direction;
  readonly traffic: Traffic;
  readonly peer: AgentPeer;
}

export interface AgentInstance {
  readonly instanceId: InstanceId;
  /** Empty for the host itself. */
  readonly interfaceName: string;
  readonly addresses: readonly IpAddress[];
  readonly groups: readonly GroupNumber[];
}

/**
 * Where a chain stands. Tells too which event is there: in a log that was restored from a backup, other events come to
 * stand at positions that hosts know already.
 */
export interface Place {
  readonly position: LogPosition;
  readonly event?: string;
}

/**
 * Every subject is a chain: `previous` is the position of the subject's change before this one. A change that is too
 * long for one message comes empty, with its own position as `previous`: it fits on nothing, so that hosts ask.
 */
export interface Link extends Place {
  readonly previous: LogPosition;
  readonly previousEvent?: string;
  /** To a host that has not confirmed in time, on its own subject: it asks, whatever it has. */
  readonly isReminder?: true;
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

/** On `rampart.prefixes.<list>`, followed by the hosts that enforce a rule with the prefix list as its peer. */
export interface PrefixesDelta extends Link {
  readonly type: 'prefixes';
  readonly prefixListId: PrefixListId;
  readonly added: readonly Cidr[];
  readonly removed: readonly Cidr[];
}

/** On `rampart.host.<host>`, followed by that host. */
export interface HostDelta extends Link {
  readonly type: 'host';
  readonly hostId: HostId;
  readonly launched: readonly AgentInstance[];
  readonly terminated: readonly AgentInstance[];
}

export type Delta = RulesDelta | MembersDelta | PrefixesDelta | HostDelta;

/** What a host knows of each chain: the position it has it at. */
export interface ChainPositions {
  readonly host: LogPosition;
  readonly rules: Readonly<Record<GroupId, LogPosition>>;
  readonly members: Readonly<Record<GroupId, LogPosition>>;
  readonly prefixes?: Readonly<Record<PrefixListId, LogPosition>>;
}

/** A chain by its kind and what it is of: a group or a prefix list; the host's own chain needs no id. */
export type ChainName =
  | { readonly chain: 'host' }
  | { readonly chain: 'rules' | 'members'; readonly id: GroupId }
  | { readonly chain: 'prefixes'; readonly id: PrefixListId };

export const chainNameText = (name: ChainName): string =>
  name.chain === 'host' ? name.chain : `${name.chain} ${name.id}`;

/** "This is where I am; what do I lack?" Also how a host makes itself known. */
export interface SyncRequest {
  readonly version: number;
  readonly hostId: HostId;
  readonly ranges: readonly Cidr[];
  /** The host's own, if it may be launched as an instance itself. */
  readonly addresses?: readonly IpAddress[];
  /** Without the chains of which only some pages have come. */
  readonly has: ChainPositions;
  /** The event at each of these positions, by the chain's name as text. */
  readonly events?: Readonly<Record<string, string>>;
  /** Where to go on with those. */
  readonly resume?: readonly ChainCursor[];
}

/** The host has had the chain's pages up to this `next`. */
export type ChainCursor = ChainName & { readonly after: string };

/**
 * All that the host lacks; chains that it has at the right position are left out. When `more` is set there was no room
 * for everything: apply this and ask again.
 */
export interface SyncReply {
  readonly version: number;
  readonly position: LogPosition;
  readonly host?: HostPage;
  readonly rules: readonly RulesPage[];
  readonly members: readonly MembersPage[];
  readonly prefixes?: readonly PrefixesPage[];
  readonly more: boolean;
}

/**
 * A chain as it is at `position`, or a page of one that is too long for one message. Pages come in the order in which
 * things were added, so that what is added meanwhile comes last. A page only fits on what the host has if the host has
 * followed the chain's deltas up to the page's position; otherwise the chain is asked for from the beginning.
 */
export interface Page extends Place {
  /** What the page before this one ended with; absent on a chain's first. */
  readonly after?: string;
  /** What this page ends with, to ask on; absent on a chain's last. */
  readonly next?: string;
}

export interface HostPage extends Page {
  readonly instances: readonly AgentInstance[];
}

export interface RulesPage extends Page, GroupNumber {
  readonly rules: readonly AgentRule[];
}

export interface MembersPage extends Page, GroupNumber {
  readonly addresses: readonly IpAddress[];
}

export interface PrefixesPage extends Page {
  readonly prefixListId: PrefixListId;
  readonly blocks: readonly Cidr[];
}

/** The sync could not be answered; the agent keeps what it enforces and asks again later. */
export interface SyncRefusal {
  readonly code: string;
  readonly message: string;
}

/** Which chain a host confirms, and up to where: the kernel transaction that holds it has committed. */
export type Confirmation = ChainName & { readonly position: LogPosition };

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

/** What a host's kernel holds, read from it when it was asked: each set and chain by its size and digest. */
export interface VerifyReply {
  /** What the host enforces by its own settings, whatever the policy says. */
  readonly settings: {
    readonly interfaces: readonly string[];
    readonly failsafe: Readonly<
      Record<'in' | 'out', readonly { readonly protocol: 6 | 17; readonly port: number }[]>
    >;
  };
  readonly version: number;
  readonly hostId: HostId;
  /** Where the host's chains stood. */
  readonly positions: ChainPositions;
  readonly objects: Readonly<Record<string, ObjectDigest>>;
}

export interface ObjectDigest {
  /** Elements of a set, rules of a chain. */
  readonly size: number;
  readonly digest: string;
}

/** Somebody else changed the host's table, and it was made right again. */
export interface DriftReport {
  readonly version: number;
  readonly hostId: HostId;
  /** How many operations that took. */
  readonly operations: number;
  /** In nft's words, the first few of them. */
  readonly undone: readonly string[];
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

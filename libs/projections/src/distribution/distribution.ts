import type {
  Event,
  GroupId,
  HostId,
  Instance,
  InstanceId,
  LogPosition,
  RecordedEvent,
  Rule,
  RuleId,
} from '#libs/domain';
import { Counted } from './counted-map.js';
import type { Broadcast, Chain, ChainDelta, NumberedGroup } from './deltas.js';

/** A chain and where it stands: the position of its newest change, 0 before the first. */
interface ChainEnd {
  readonly chain: Chain;
  /** Of the chain's group; 0 for a host's. */
  readonly number: number;
  position: LogPosition;
}

interface Placed {
  readonly instances: Map<InstanceId, Instance>;
  readonly chain: ChainEnd;
}

interface Group extends NumberedGroup {
  readonly rulesChain: ChainEnd;
  readonly membersChain: ChainEnd;
  readonly rules: Map<RuleId, Rule>;
  readonly instances: Map<InstanceId, Instance>;
  /** Hosts with instances in the group: they enforce its rules. */
  readonly enforcing: Counted<HostId>;
  /** Groups that this one's rules name as peers. */
  readonly peers: Counted<GroupId>;
  /** Hosts that enforce a rule with this group as its peer: they must know its members. */
  readonly referring: Counted<HostId>;
}

/**
 * Who must be told what. Folds the log into deltas for the chains that each commit changes, and keeps for each chain
 * its position and the hosts concerned. Costs what changed times the hosts concerned, never what exists.
 */
export class Distribution {
  readonly #groups = new Map<GroupId, Group>();
  readonly #hosts = new Map<HostId, Placed>();

  /** Takes in one commit and yields what to broadcast for it. */
  project(commit: readonly RecordedEvent[]): readonly Broadcast[] {
    const touched = new Map<ChainEnd, Draft>();
    for (const recorded of commit) this.#fold(recorded, touched);
    return [...touched.values()].map((draft) => ({ delta: draft.delta(), concerned: [...draft.concerned] }));
  }

  /** The same of an event that nobody is told of any more: what the log held before the start. */
  fold(recorded: RecordedEvent): void {
    this.#fold(recorded, undefined);
  }

  positionOf(chain: Chain): LogPosition {
    return this.#endOf(chain)?.position ?? 0;
  }

  /** A change of nothing for each chain that a host follows: whoever missed a change before finds out by it. */
  *heads(): Generator<ChainDelta> {
    for (const { chain } of this.#hosts.values()) yield headOf(chain);
    for (const { rulesChain, membersChain, enforcing, referring } of this.#groups.values()) {
      if (enforcing.size > 0) yield headOf(rulesChain);
      if (referring.size > 0) yield headOf(membersChain);
    }
  }

  knowsHost(hostId: HostId): boolean {
    return this.#hosts.has(hostId);
  }

  /** In the order of launch. */
  instancesOn(hostId: HostId): ReadonlyMap<InstanceId, Instance> {
    return this.#hosts.get(hostId)?.instances ?? new Map<InstanceId, Instance>();
  }

  numberOf(groupId: GroupId): number {
    return this.#group(groupId).number;
  }

  /** In the order of authorization. */
  rulesOf(groupId: GroupId): ReadonlyMap<RuleId, Rule> {
    return this.#group(groupId).rules;
  }

  /** The instances whose addresses are the group's members, in the order of launch. */
  instancesIn(groupId: GroupId): ReadonlyMap<InstanceId, Instance> {
    return this.#group(groupId).instances;
  }

  /** The groups whose rules a host must have, and those whose members. */
  closureOf(hostId: HostId): {
    readonly rules: ReadonlySet<GroupId>;
    readonly members: ReadonlySet<GroupId>;
  } {
    const rules = new Set(
      this.instancesOn(hostId)
        .values()
        .flatMap(({ groupIds }) => groupIds),
    );
    const members = new Set([...rules].flatMap((groupId) => [...this.#group(groupId).peers.values]));
    return { rules, members };
  }

  #fold(recorded: RecordedEvent, touched: Map<ChainEnd, Draft> | undefined): void {
    const { event, position } = recorded;
    switch (event.type) {
      case 'GroupCreated':
        this.#groups.set(event.groupId, newGroup(event));
        break;
      case 'GroupDeleted':
        this.#groups.delete(event.groupId);
        break;
      case 'RuleAuthorized':
      case 'RuleRevoked':
        this.#changeRule(event, position, touched);
        break;
      case 'InstanceLaunched':
      case 'InstanceTerminated':
        this.#changeInstance(event, position, touched);
        break;
      case 'HostEnrolled':
        if (!this.#hosts.has(event.hostId)) this.#hosts.set(event.hostId, newPlaced(event.hostId));
        break;
      case 'AccountOpened':
        break;
      default:
        event satisfies never;
    }
  }

  #changeRule(
    { type, rule }: Extract<Event, { rule: Rule }>,
    position: LogPosition,
    touched: Map<ChainEnd, Draft> | undefined,
  ): void {
    const group = this.#group(rule.groupId);
    const by = type === 'RuleAuthorized' ? 1 : -1;
    if (by === 1) group.rules.set(rule.ruleId, rule);
    else group.rules.delete(rule.ruleId);
    if (rule.peer.kind === 'group') {
      const { groupId } = rule.peer;
      group.peers.change(groupId, by);
      for (const hostId of group.enforcing.values) this.#group(groupId).referring.change(hostId, by);
    }
    const draft = draftOf(group.rulesChain, position, touched);
    draft?.change(by, rule.ruleId, rule);
    draft?.concern(group.enforcing.values);
  }

  #changeInstance(
    { type, instance }: Extract<Event, { instance: Instance }>,
    position: LogPosition,
    touched: Map<ChainEnd, Draft> | undefined,
  ): void {
    const { instanceId, hostId, groupIds, addresses } = instance;
    const by = type === 'InstanceLaunched' ? 1 : -1;
    const placed = this.#placed(hostId);
    if (by === 1) placed.instances.set(instanceId, instance);
    else placed.instances.delete(instanceId);
    const host = draftOf(placed.chain, position, touched);
    host?.change(by, instanceId, instance);
    host?.concern([hostId]);
    for (const groupId of groupIds) {
      const group = this.#group(groupId);
      if (by === 1) group.instances.set(instanceId, instance);
      else group.instances.delete(instanceId);
      this.#changeEnforcing(group, hostId, by);
      const members = draftOf(group.membersChain, position, touched);
      for (const address of addresses) members?.change(by, address, address);
      members?.concern(group.referring.values);
    }
  }

  /** A host that begins or ends to enforce a group begins or ends to refer to the peers of its rules. */
  #changeEnforcing({ enforcing, peers }: Group, hostId: HostId, by: 1 | -1): void {
    const before = enforcing.has(hostId);
    enforcing.change(hostId, by);
    if (enforcing.has(hostId) === before) return;
    for (const [peer, rules] of peers.entries()) this.#group(peer).referring.change(hostId, by * rules);
  }

  #group(groupId: GroupId): Group {
    const group = this.#groups.get(groupId);
    if (!group) throw new Error(`the log speaks of group ${groupId}, which it never introduced`);
    return group;
  }

  #placed(hostId: HostId): Placed {
    const placed = this.#hosts.get(hostId);
    if (!placed) throw new Error(`the log speaks of host ${hostId}, which it never introduced`);
    return placed;
  }

  #endOf(chain: Chain): ChainEnd | undefined {
    if (chain.kind === 'host') return this.#hosts.get(chain.hostId)?.chain;
    const group = this.#groups.get(chain.groupId);
    return chain.kind === 'rules' ? group?.rulesChain : group?.membersChain;
  }
}

/** Moves the chain to that position; yields its delta in the making, if anyone is to be told. */
function draftOf(
  end: ChainEnd,
  position: LogPosition,
  touched: Map<ChainEnd, Draft> | undefined,
): Draft | undefined {
  const previous = end.position;
  end.position = position;
  if (!touched) return undefined;
  const draft = touched.getOrInsertComputed(end, () => new Draft(end, previous));
  draft.position = position;
  return draft;
}

function headOf(end: ChainEnd): ChainDelta {
  const draft = new Draft(end, end.position);
  draft.position = end.position;
  return draft.delta();
}

const newPlaced = (hostId: HostId): Placed => ({
  instances: new Map(),
  chain: { chain: { kind: 'host', hostId }, number: 0, position: 0 },
});

const newGroup = ({ groupId, number }: NumberedGroup): Group => ({
  groupId,
  number,
  rulesChain: { chain: { kind: 'rules', groupId }, number, position: 0 },
  membersChain: { chain: { kind: 'members', groupId }, number, position: 0 },
  rules: new Map(),
  instances: new Map(),
  enforcing: new Counted(),
  peers: new Counted(),
  referring: new Counted(),
});

/** One chain's delta in the making: what a commit first adds and then removes cancels out. */
class Draft {
  position: LogPosition = 0;
  readonly concerned = new Set<HostId>();
  readonly #end: ChainEnd;
  readonly #previous: LogPosition;
  readonly #added = new Map<string, unknown>();
  readonly #removed = new Map<string, unknown>();

  constructor(end: ChainEnd, previous: LogPosition) {
    this.#end = end;
    this.#previous = previous;
  }

  change(by: 1 | -1, key: string, value: unknown): void {
    const [to, from] = by === 1 ? [this.#added, this.#removed] : [this.#removed, this.#added];
    if (!from.delete(key)) to.set(key, value);
  }

  concern(hosts: Iterable<HostId>): void {
    for (const hostId of hosts) this.concerned.add(hostId);
  }

  delta(): ChainDelta {
    const added = [...this.#added.values()];
    const removed = [...this.#removed.values()];
    const link = { position: this.position, previous: this.#previous };
    const { chain, number } = this.#end;
    return (
      chain.kind === 'host'
        ? { ...link, ...chain, launched: added, terminated: removed }
        : { ...link, ...chain, number, added, removed }
    ) as ChainDelta;
  }
}

import type {
  Event,
  GroupId,
  HostId,
  Instance,
  InstanceId,
  IpAddress,
  LogPosition,
  RecordedEvent,
  Rule,
  RuleId,
} from '#libs/domain';
import { Counted } from './counted-map.js';
import { chainText, type Broadcast, type Chain, type ChainDelta, type NumberedGroup } from './deltas.js';

interface Group extends NumberedGroup {
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
  readonly #hosts = new Map<HostId, Map<InstanceId, Instance>>();
  readonly #positions = new Map<string, LogPosition>();

  /** Takes in one commit and yields what to broadcast for it. */
  project(commit: readonly RecordedEvent[]): readonly Broadcast[] {
    const touched = new Map<string, Draft>();
    for (const recorded of commit) this.#fold(recorded, touched);
    return [...touched.values()].map((draft) => ({ delta: draft.delta(), concerned: [...draft.concerned] }));
  }

  /** The same of an event that nobody is told of any more: what the log held before the start. */
  fold(recorded: RecordedEvent): void {
    this.#fold(recorded, undefined);
  }

  positionOf(chain: Chain): LogPosition {
    return this.#positions.get(chainText(chain)) ?? 0;
  }

  /** A change of nothing for each chain that a host follows: whoever missed a change before finds out by it. */
  *heads(): Generator<ChainDelta> {
    for (const hostId of this.#hosts.keys()) yield this.#head({ kind: 'host', hostId }, 0);
    for (const { groupId, number, enforcing, referring } of this.#groups.values()) {
      if (enforcing.size > 0) yield this.#head({ kind: 'rules', groupId }, number);
      if (referring.size > 0) yield this.#head({ kind: 'members', groupId }, number);
    }
  }

  #head(chain: Chain, number: number): ChainDelta {
    const draft = new Draft(chain, number, this.positionOf(chain));
    draft.position = this.positionOf(chain);
    return draft.delta();
  }

  knowsHost(hostId: HostId): boolean {
    return this.#hosts.has(hostId);
  }

  instancesOn(hostId: HostId): readonly Instance[] {
    return [...(this.#hosts.get(hostId)?.values() ?? [])];
  }

  numberOf(groupId: GroupId): number {
    return this.#group(groupId).number;
  }

  rulesOf(groupId: GroupId): readonly Rule[] {
    return [...this.#group(groupId).rules.values()];
  }

  /** In a fixed order, so that they can be paged. */
  membersOf(groupId: GroupId): readonly IpAddress[] {
    return this.#group(groupId)
      .instances.values()
      .flatMap(({ addresses }) => addresses)
      .toArray()
      .sort();
  }

  /** The groups whose rules a host must have, and those whose members. */
  closureOf(hostId: HostId): {
    readonly rules: ReadonlySet<GroupId>;
    readonly members: ReadonlySet<GroupId>;
  } {
    const rules = new Set(this.instancesOn(hostId).flatMap(({ groupIds }) => groupIds));
    const members = new Set([...rules].flatMap((groupId) => [...this.#group(groupId).peers.values]));
    return { rules, members };
  }

  #fold(recorded: RecordedEvent, touched: Map<string, Draft> | undefined): void {
    const { event, position } = recorded;
    switch (event.type) {
      case 'GroupCreated':
        this.#groups.set(event.groupId, newGroup(event));
        break;
      case 'GroupDeleted':
        this.#groups.delete(event.groupId);
        this.#positions.delete(chainText({ kind: 'rules', groupId: event.groupId }));
        this.#positions.delete(chainText({ kind: 'members', groupId: event.groupId }));
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
        if (!this.#hosts.has(event.hostId)) this.#hosts.set(event.hostId, new Map());
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
    touched: Map<string, Draft> | undefined,
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
    const draft = this.#draft({ kind: 'rules', groupId: rule.groupId }, position, touched);
    draft?.change(by, rule.ruleId, rule);
    draft?.concern(group.enforcing.values);
  }

  #changeInstance(
    { type, instance }: Extract<Event, { instance: Instance }>,
    position: LogPosition,
    touched: Map<string, Draft> | undefined,
  ): void {
    const { instanceId, hostId, groupIds, addresses } = instance;
    const by = type === 'InstanceLaunched' ? 1 : -1;
    const onHost = this.#hosts.get(hostId);
    if (by === 1) onHost?.set(instanceId, instance);
    else onHost?.delete(instanceId);
    const host = this.#draft({ kind: 'host', hostId }, position, touched);
    host?.change(by, instanceId, instance);
    host?.concern([hostId]);
    for (const groupId of groupIds) {
      const group = this.#group(groupId);
      if (by === 1) group.instances.set(instanceId, instance);
      else group.instances.delete(instanceId);
      this.#changeEnforcing(group, hostId, by);
      const members = this.#draft({ kind: 'members', groupId }, position, touched);
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

  #draft(chain: Chain, position: LogPosition, touched: Map<string, Draft> | undefined): Draft | undefined {
    const text = chainText(chain);
    const previous = this.#positions.get(text) ?? 0;
    this.#positions.set(text, position);
    if (!touched) return undefined;
    let draft = touched.get(text);
    if (!draft) {
      const number = chain.kind === 'host' ? 0 : this.#group(chain.groupId).number;
      draft = new Draft(chain, number, previous);
      touched.set(text, draft);
    }
    draft.position = position;
    return draft;
  }

  #group(groupId: GroupId): Group {
    const group = this.#groups.get(groupId);
    if (!group) throw new Error(`the log speaks of group ${groupId}, which it never introduced`);
    return group;
  }
}

const newGroup = ({ groupId, number }: NumberedGroup): Group => ({
  groupId,
  number,
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
  readonly #chain: Chain;
  readonly #number: number;
  readonly #previous: LogPosition;
  readonly #added = new Map<string, unknown>();
  readonly #removed = new Map<string, unknown>();

  constructor(chain: Chain, number: number, previous: LogPosition) {
    this.#chain = chain;
    this.#number = number;
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
    return (
      this.#chain.kind === 'host'
        ? { ...link, ...this.#chain, launched: added, terminated: removed }
        : { ...link, ...this.#chain, number: this.#number, added, removed }
    ) as ChainDelta;
  }
}

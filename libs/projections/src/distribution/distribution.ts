import type {
  Cidr,
  Event,
  GroupId,
  HostId,
  Instance,
  InstanceAttached,
  InstanceId,
  Peer,
  PrefixListCreated,
  PrefixListId,
  PrefixListModified,
  RecordedEvent,
  Rule,
  RuleId,
} from '#libs/domain';
import { Counted } from './counted-map.js';
import {
  chainText,
  placeOf,
  type Broadcast,
  type Chain,
  type ChainDelta,
  type NumberedGroup,
  type Place,
} from './deltas.js';
import { Draft, draftOf, NOWHERE, type ChainEnd } from './draft.js';

interface Placed {
  readonly instances: Map<InstanceId, Instance>;
  readonly chain: ChainEnd;
}

/** What rules name as their peer. */
interface Named {
  /** Rules that name it, anywhere. */
  rulesNaming: number;
  /** Hosts that enforce such a rule, with their number: they must know what it stands for. */
  readonly referring: Counted<HostId>;
}

interface PrefixList extends Named {
  readonly chain: ChainEnd;
  /** In the order of their addition. */
  readonly blocks: Map<Cidr, Cidr>;
}

interface Group extends NumberedGroup, Named {
  readonly rulesChain: ChainEnd;
  readonly membersChain: ChainEnd;
  readonly rules: Map<RuleId, Rule>;
  readonly instances: Map<InstanceId, Instance>;
  /** Hosts with instances in the group: they enforce its rules. */
  readonly enforcing: Counted<HostId>;
  /** What this group's rules name as peers. */
  readonly peers: { readonly groups: Counted<GroupId>; readonly prefixLists: Counted<PrefixListId> };
  /** A deleted group stays known for as long as other accounts' rules name it. */
  isDeleted: boolean;
}

/** What a host must know: the rules of groups, the members of groups, the blocks of prefix lists. */
export interface Closure {
  readonly rules: ReadonlySet<GroupId>;
  readonly members: ReadonlySet<GroupId>;
  readonly prefixes: ReadonlySet<PrefixListId>;
}

/**
 * Who must be told what. Folds the log into deltas for the chains that each commit changes, and keeps for each chain
 * its position and the hosts concerned. Costs what changed times the hosts concerned, never what exists.
 */
export class Distribution {
  readonly #groups = new Map<GroupId, Group>();
  readonly #prefixLists = new Map<PrefixListId, PrefixList>();
  readonly #hosts = new Map<HostId, Placed>();

  /** Takes in one commit and yields what to broadcast for it. */
  project(commit: readonly RecordedEvent[]): readonly Broadcast[] {
    const touched = new Map<ChainEnd, Draft>();
    for (const recorded of commit) this.#fold(recorded, touched);
    return [...touched.values()].map((draft) => ({ delta: draft.delta(), concerned: draft.concerned }));
  }

  /** The same of an event that nobody is told of any more: what the log held before the start. */
  fold(recorded: RecordedEvent): void {
    this.#fold(recorded, undefined);
  }

  /** Puts chains where their newest changes were, by their texts; for a fold of fewer events than there were. */
  restore(places: ReadonlyMap<string, Place>): void {
    for (const end of this.#ends()) end.place = places.get(chainText(end.chain)) ?? end.place;
  }

  placeOf(chain: Chain): Place {
    return this.#endOf(chain)?.place ?? NOWHERE;
  }

  /** A change of nothing for each chain that a host follows: whoever missed a change before finds out by it. */
  *heads(): Generator<ChainDelta> {
    for (const { chain } of this.#hosts.values()) yield headOf(chain);
    for (const { rulesChain, membersChain, enforcing, referring } of this.#groups.values()) {
      if (enforcing.size > 0) yield headOf(rulesChain);
      if (referring.size > 0) yield headOf(membersChain);
    }
    for (const { chain, referring } of this.#prefixLists.values())
      if (referring.size > 0) yield headOf(chain);
  }

  /** The same of the chain of what is on that host. */
  headOf(hostId: HostId): ChainDelta | undefined {
    const placed = this.#hosts.get(hostId);
    return placed && headOf(placed.chain);
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

  blocksOf(prefixListId: PrefixListId): ReadonlyMap<Cidr, Cidr> {
    return this.#prefixList(prefixListId).blocks;
  }

  closureOf(hostId: HostId): Closure {
    const rules = new Set(
      this.instancesOn(hostId)
        .values()
        .flatMap(({ groupIds }) => groupIds),
    );
    const peers = [...rules].map((groupId) => this.#group(groupId).peers);
    return {
      rules,
      members: new Set(peers.flatMap(({ groups }) => [...groups.values])),
      prefixes: new Set(peers.flatMap(({ prefixLists }) => [...prefixLists.values])),
    };
  }

  #fold(recorded: RecordedEvent, touched: Map<ChainEnd, Draft> | undefined): void {
    const { event } = recorded;
    const place = placeOf(recorded);
    switch (event.type) {
      case 'GroupCreated':
        this.#groups.set(event.groupId, newGroup(event));
        break;
      case 'GroupDeleted':
        this.#group(event.groupId).isDeleted = true;
        this.#forgetIfUnnamed(event.groupId);
        break;
      case 'RuleAuthorized':
        this.#changeRule(event.rule, 1, place, touched);
        break;
      case 'RuleRevoked':
        this.#changeRule(event.rule, -1, place, touched);
        break;
      case 'RuleModified':
        this.#changeRule(event.before, -1, place, touched);
        this.#changeRule(event.rule, 1, place, touched);
        break;
      case 'PrefixListCreated':
        this.#prefixLists.set(event.prefixListId, newPrefixList(event, place));
        break;
      case 'PrefixListModified':
        this.#changePrefixList(event, place, touched);
        break;
      case 'PrefixListDeleted':
        this.#prefixLists.delete(event.prefixListId);
        break;
      case 'InstanceLaunched':
      case 'InstanceTerminated':
        this.#changeInstance(event, place, touched);
        break;
      case 'InstanceAttached':
        this.#attachInstance(event, place, touched);
        break;
      case 'HostEnrolled':
        if (!this.#hosts.has(event.hostId)) this.#hosts.set(event.hostId, newPlaced(event.hostId));
        break;
      case 'HostRetired':
        this.#hosts.delete(event.hostId);
        break;
      case 'AccountOpened':
      case 'HostTableRepaired':
      case 'RuleDescriptionChanged':
      case 'TagsChanged':
      case 'ClientTokenUsed':
        break;
      default:
        event satisfies never;
    }
  }

  #changeRule(rule: Rule, by: 1 | -1, place: Place, touched: Map<ChainEnd, Draft> | undefined): void {
    const group = this.#group(rule.groupId);
    if (by === 1) group.rules.set(rule.ruleId, rule);
    else group.rules.delete(rule.ruleId);
    if (rule.peer.kind !== 'cidr') this.#changePeer(group, rule.peer, by);
    const draft = draftOf(group.rulesChain, place, touched);
    draft?.change(by, rule.ruleId, rule);
    draft?.concern(group.enforcing.snapshot);
  }

  #changePeer({ peers, enforcing }: Group, peer: Exclude<Peer, { kind: 'cidr' }>, by: 1 | -1): void {
    const named = peer.kind === 'group' ? this.#group(peer.groupId) : this.#prefixList(peer.prefixListId);
    if (peer.kind === 'group') peers.groups.change(peer.groupId, by);
    else peers.prefixLists.change(peer.prefixListId, by);
    named.rulesNaming += by;
    for (const hostId of enforcing.values) named.referring.change(hostId, by);
    if (peer.kind === 'group') this.#forgetIfUnnamed(peer.groupId);
  }

  #forgetIfUnnamed(groupId: GroupId): void {
    const { isDeleted, rulesNaming } = this.#group(groupId);
    if (isDeleted && rulesNaming === 0) this.#groups.delete(groupId);
  }

  #changePrefixList(
    { prefixListId, added, removed }: PrefixListModified,
    place: Place,
    touched: Map<ChainEnd, Draft> | undefined,
  ): void {
    const list = this.#prefixList(prefixListId);
    const come = added.map(({ cidr }) => cidr).filter((cidr) => !list.blocks.has(cidr));
    if (come.length + removed.length === 0) return;
    const draft = draftOf(list.chain, place, touched);
    for (const { cidr } of removed) {
      list.blocks.delete(cidr);
      draft?.change(-1, cidr, cidr);
    }
    for (const cidr of come) {
      list.blocks.set(cidr, cidr);
      draft?.change(1, cidr, cidr);
    }
    draft?.concern(list.referring.snapshot);
  }

  #changeInstance(
    { type, instance }: Extract<Event, { instance: Instance }>,
    place: Place,
    touched: Map<ChainEnd, Draft> | undefined,
  ): void {
    const { instanceId, hostId, groupIds, addresses } = instance;
    const by = type === 'InstanceLaunched' ? 1 : -1;
    const placed = this.#placed(hostId);
    if (by === 1) placed.instances.set(instanceId, instance);
    else placed.instances.delete(instanceId);
    const host = draftOf(placed.chain, place, touched);
    host?.change(by, instanceId, instance);
    host?.concern(new Set([hostId]));
    for (const groupId of groupIds) {
      const group = this.#group(groupId);
      if (by === 1) group.instances.set(instanceId, instance);
      else group.instances.delete(instanceId);
      this.#changeEnforcing(group, hostId, by);
      const members = draftOf(group.membersChain, place, touched);
      for (const address of addresses) members?.change(by, address, address);
      members?.concern(group.referring.snapshot);
    }
  }

  /** Its host is told that one goes and one comes, of the same id; its groups have the same members as before. */
  #attachInstance(
    { instanceId, hostId, interfaceName }: InstanceAttached,
    place: Place,
    touched: Map<ChainEnd, Draft> | undefined,
  ): void {
    const { instances, chain } = this.#placed(hostId);
    const before = instances.get(instanceId);
    if (!before) throw new Error(`the log speaks of instance ${instanceId}, which is not on ${hostId}`);
    const instance = { ...before, interfaceName };
    instances.set(instanceId, instance);
    for (const groupId of instance.groupIds) this.#group(groupId).instances.set(instanceId, instance);
    const host = draftOf(chain, place, touched);
    host?.change(-1, instanceId, before);
    host?.change(1, instanceId, instance);
    host?.concern(new Set([hostId]));
  }

  /** A host that begins or ends to enforce a group begins or ends to refer to the peers of its rules. */
  #changeEnforcing({ enforcing, peers }: Group, hostId: HostId, by: 1 | -1): void {
    const before = enforcing.has(hostId);
    enforcing.change(hostId, by);
    if (enforcing.has(hostId) === before) return;
    for (const [peer, rules] of peers.groups.entries())
      this.#group(peer).referring.change(hostId, by * rules);
    for (const [peer, rules] of peers.prefixLists.entries())
      this.#prefixList(peer).referring.change(hostId, by * rules);
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

  #prefixList(prefixListId: PrefixListId): PrefixList {
    const list = this.#prefixLists.get(prefixListId);
    if (!list) throw new Error(`the log speaks of prefix list ${prefixListId}, which it never introduced`);
    return list;
  }

  *#ends(): Generator<ChainEnd> {
    for (const { chain } of this.#hosts.values()) yield chain;
    for (const { rulesChain, membersChain } of this.#groups.values()) {
      yield rulesChain;
      yield membersChain;
    }
  }

  #endOf(chain: Chain): ChainEnd | undefined {
    switch (chain.kind) {
      case 'host':
        return this.#hosts.get(chain.hostId)?.chain;
      case 'prefixes':
        return this.#prefixLists.get(chain.prefixListId)?.chain;
      case 'rules':
        return this.#groups.get(chain.groupId)?.rulesChain;
      case 'members':
        return this.#groups.get(chain.groupId)?.membersChain;
    }
  }
}

function headOf(end: ChainEnd): ChainDelta {
  const draft = new Draft(end, end.place);
  draft.place = end.place;
  return draft.delta();
}

const newPlaced = (hostId: HostId): Placed => ({
  instances: new Map(),
  chain: { chain: { kind: 'host', hostId }, number: 0, place: NOWHERE },
});

const newGroup = ({ groupId, number }: NumberedGroup): Group => ({
  groupId,
  number,
  rulesChain: { chain: { kind: 'rules', groupId }, number, place: NOWHERE },
  membersChain: { chain: { kind: 'members', groupId }, number, place: NOWHERE },
  rules: new Map(),
  instances: new Map(),
  enforcing: new Counted(),
  peers: { groups: new Counted(), prefixLists: new Counted() },
  isDeleted: false,
  rulesNaming: 0,
  referring: new Counted(),
});

const newPrefixList = ({ prefixListId, entries }: PrefixListCreated, place: Place): PrefixList => ({
  chain: { chain: { kind: 'prefixes', prefixListId }, number: 0, place },
  blocks: new Map(entries.map(({ cidr }) => [cidr, cidr])),
  rulesNaming: 0,
  referring: new Counted(),
});

import { isDeepStrictEqual } from 'node:util';
import {
  Compilation,
  DEFAULT_SETTINGS,
  type ElementOwner,
  type HostSettings,
  type PolicyInstance,
  type Ruleset,
  type Transaction,
} from '#libs/compiler';
import type { Cidr, GroupId, InstanceId, IpAddress, LogPosition, PrefixListId, RuleId } from '#libs/domain';
import {
  chainNameText,
  type AgentInstance,
  type AgentPeer,
  type AgentRule,
  type ChainCursor,
  type ChainName,
  type ChainPositions,
  type Confirmation,
  type Delta,
  type GroupNumber,
  type Page,
  type Place,
  type SyncReply,
} from '#libs/protocol';
import { chainOfDelta, fitOf, NeededChains, type Fit } from './chain.js';
import { Paging, type HeldChain } from './paging.js';
import { PrefixPeers, type FarlessRule } from './prefix-peers.js';

interface HeldRule extends FarlessRule {
  readonly peer: AgentPeer;
}

interface HeldMembers {
  readonly number: number;
  readonly addresses: Set<IpAddress>;
}

/**
 * All that this host enforces, where each of its chains stands, and what the kernel should hold for it. Changes by
 * deltas and by syncs; each costs what changed. Knows by itself what it needs: the rules of its instances' groups, and
 * the members of the groups and the blocks of the prefix lists that those rules name.
 */
export class AgentPolicy {
  readonly settings: HostSettings;
  readonly #compilation: Compilation;
  readonly #instances = new Map<InstanceId, PolicyInstance>();
  readonly #rules = new Map<GroupId, Map<RuleId, HeldRule>>();
  readonly #members = new Map<GroupId, HeldMembers>();
  readonly #prefixes: PrefixPeers;
  #hostPosition: LogPosition | undefined = 0;
  /** By the instances that need a group's rules, and the rules that need a group's members or a list's blocks. */
  readonly #needed = {
    rules: new NeededChains<GroupId>(),
    members: new NeededChains<GroupId>(),
    prefixes: new NeededChains<PrefixListId>(),
  };
  readonly #pagings = new Map<string, Paging>();
  /** The event at each chain's position, which tells it from the same position of another log. */
  readonly #events = new Map<string, string>();
  readonly #unconfirmed = new Map<string, Confirmation>();

  constructor(settings: HostSettings = DEFAULT_SETTINGS) {
    this.settings = settings;
    this.#compilation = new Compilation(settings);
    this.#prefixes = new PrefixPeers(this.#compilation);
  }

  get positions(): ChainPositions {
    return {
      host: this.#hostPosition ?? 0,
      rules: Object.fromEntries(this.#needed.rules.positions),
      members: Object.fromEntries(this.#needed.members.positions),
      prefixes: Object.fromEntries(this.#needed.prefixes.positions),
    };
  }

  /** What tells these positions from the same ones in another log, by chain. */
  get events(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#events);
  }

  /** Where to go on with the chains that come in pages. */
  get cursors(): readonly ChainCursor[] {
    return [...this.#pagings.values()].flatMap(({ cursor }) => cursor ?? []);
  }

  /** What this host must follow: the rules and members of groups, the blocks of prefix lists. */
  get wanted(): {
    readonly rules: ReadonlySet<GroupId>;
    readonly members: ReadonlySet<GroupId>;
    readonly prefixes: ReadonlySet<PrefixListId>;
  } {
    const { rules, members, prefixes } = this.#needed;
    return { rules: rules.ids, members: members.ids, prefixes: prefixes.ids };
  }

  /** Whether something that it needs has not arrived, or not all of it; until it has, what needs it is closed. */
  get isIncomplete(): boolean {
    return (
      this.#hostPosition === undefined || !Object.values(this.#needed).every(({ areComplete }) => areComplete)
    );
  }

  get isPaging(): boolean {
    return this.#pagings.size > 0;
  }

  /** Of all that this host follows. */
  get chainNames(): readonly ChainName[] {
    const { rules, members, prefixes } = this.#needed;
    return [
      { chain: 'host' },
      ...[...rules.ids].map((id) => ({ chain: 'rules' as const, id })),
      ...[...members.ids].map((id) => ({ chain: 'members' as const, id })),
      ...[...prefixes.ids].map((id) => ({ chain: 'prefixes' as const, id })),
    ];
  }

  /** The chain that an element comes from; undefined when that is not needed here. */
  chainOf(owner: ElementOwner): ChainName | undefined {
    if (owner.kind === 'host') return { chain: 'host' };
    const { kind: chain, number } = owner;
    const id = chain === 'members' ? this.#groupOfMembers(number) : this.#groupOfRules(number);
    return id === undefined ? undefined : { chain, id };
  }

  get instances(): readonly PolicyInstance[] {
    return [...this.#instances.values()];
  }

  /** The interface of the instance that has the address, if it is here. */
  interfaceOf(address: IpAddress): string | undefined {
    return this.#instances.values().find(({ addresses }) => addresses.includes(address))?.interfaceName;
  }

  get ruleset(): Ruleset {
    return this.#compilation.ruleset();
  }

  apply(delta: Delta): Fit {
    const name = chainOfDelta(delta);
    const position = this.#positionOf(name);
    const fit = fitOf(position === undefined ? undefined : { position, event: this.#eventOf(name) }, delta);
    if (fit !== 'next') return fit;
    switch (delta.type) {
      case 'host':
        // What is launched again is changed in place: its groups are not given up in between.
        for (const { instanceId } of delta.terminated)
          if (!delta.launched.some((one) => one.instanceId === instanceId)) this.#terminate(instanceId);
        for (const instance of delta.launched) this.#launch(instance);
        break;
      case 'rules':
        // What comes first, as in a sync; a rule that is there with another content is replaced by it.
        for (const rule of delta.added) this.#authorize(delta, rule);
        for (const ruleId of delta.removed)
          if (!delta.added.some((rule) => rule.ruleId === ruleId)) this.#revoke(delta.groupId, ruleId);
        break;
      case 'members':
        for (const address of delta.removed) this.#leave(delta.groupId, address);
        for (const address of delta.added) this.#join(delta, address);
        break;
      case 'prefixes':
        for (const cidr of delta.removed) this.#prefixes.remove(delta.prefixListId, cidr);
        for (const cidr of delta.added) this.#prefixes.add(delta.prefixListId, cidr);
    }
    this.#move(name, delta);
    return fit;
  }

  /**
   * Takes chains or pages of them, changing only what differs. What comes is taken before what goes: a group that is
   * needed before and after must not be given up in between, as the answer leaves out what was right already.
   */
  applySync({ host, rules, members, prefixes = [] }: SyncReply): void {
    if (host)
      this.#take({ chain: 'host' }, host, {
        held: this.#instances.keys(),
        comes: host.instances.map(({ instanceId }) => instanceId),
        add: () => host.instances.forEach((instance) => this.#launch(instance)),
        drop: (id) => this.#terminate(id as InstanceId),
      });
    for (const page of rules) {
      const { groupId } = page;
      if (!this.#needed.rules.has(groupId)) continue;
      this.#take({ chain: 'rules', id: groupId }, page, {
        held: this.#rules.get(groupId)?.keys() ?? [],
        comes: page.rules.map(({ ruleId }) => ruleId),
        add: () => page.rules.forEach((rule) => this.#authorize(page, rule)),
        drop: (id) => this.#revoke(groupId, id as RuleId),
      });
    }
    for (const page of members) {
      const { groupId } = page;
      if (!this.#needed.members.has(groupId)) continue;
      this.#take({ chain: 'members', id: groupId }, page, {
        held: this.#members.get(groupId)?.addresses ?? [],
        comes: page.addresses,
        add: () => page.addresses.forEach((address) => this.#join(page, address)),
        drop: (id) => this.#leave(groupId, id as IpAddress),
      });
    }
    for (const page of prefixes) {
      const { prefixListId: id } = page;
      if (!this.#needed.prefixes.has(id)) continue;
      this.#take({ chain: 'prefixes', id }, page, {
        held: this.#prefixes.blocksOf(id),
        comes: page.blocks,
        add: () => page.blocks.forEach((cidr) => this.#prefixes.add(id, cidr)),
        drop: (cidr) => this.#prefixes.remove(id, cidr as Cidr),
      });
    }
  }

  #take(name: ChainName, page: Page, { held, comes, add, drop }: HeldChain): void {
    const text = chainNameText(name);
    const paging = page.after === undefined ? new Paging(name, page, held) : this.#pagings.get(text);
    const isSameLog = (page.event ?? '') === this.#eventOf(name);
    if (page.after !== undefined && !(isSameLog && paging?.isFollowedBy(page))) {
      this.#pagings.delete(text); // asked for from the beginning, then
      return;
    }
    add();
    paging?.keep(comes);
    if (paging && page.next !== undefined) {
      paging.turnTo(page);
      this.#pagings.set(text, paging);
      this.#events.set(text, page.event ?? '');
      this.#setPosition(name, undefined);
      return;
    }
    this.#pagings.delete(text);
    for (const id of paging?.stale ?? []) drop(id);
    this.#move(name, page);
  }

  /** What the kernel must be told since the last call. */
  takeTransaction(): Transaction {
    return this.#compilation.take();
  }

  /** What the kernel now enforces and nobody was told of; nothing while something that it needs is missing. */
  takeConfirmations(): readonly Confirmation[] {
    if (this.isIncomplete) return [];
    const confirmations = [...this.#unconfirmed.values()];
    this.#unconfirmed.clear();
    return confirmations;
  }

  /** The whole of it as a sync would bring it, to be kept on disk; not while something comes in pages. */
  snapshot(): SyncReply {
    return {
      version: 1,
      position: 0,
      more: false,
      host: {
        position: this.#hostPosition ?? 0,
        event: this.#eventOf({ chain: 'host' }),
        instances: [...this.#instances.values()],
      },
      rules: [...this.#needed.rules.positions].map(([groupId, position]) => {
        const held = [...(this.#rules.get(groupId)?.values() ?? [])];
        return {
          groupId,
          number: held[0]?.group.number ?? 0,
          position,
          event: this.#eventOf({ chain: 'rules', id: groupId }),
          rules: held.map(({ ruleId, direction, traffic, peer }) => ({ ruleId, direction, traffic, peer })),
        };
      }),
      members: [...this.#needed.members.positions].map(([groupId, position]) => {
        const { number = 0, addresses = [] } = this.#members.get(groupId) ?? {};
        const event = this.#eventOf({ chain: 'members', id: groupId });
        return { groupId, number, position, event, addresses: [...addresses] };
      }),
      prefixes: [...this.#needed.prefixes.positions].map(([prefixListId, position]) => ({
        prefixListId,
        position,
        event: this.#eventOf({ chain: 'prefixes', id: prefixListId }),
        blocks: [...this.#prefixes.blocksOf(prefixListId)],
      })),
    };
  }

  #launch({ instanceId, interfaceName, addresses, groups }: AgentInstance): void {
    const instance = { instanceId, interfaceName, addresses, groups };
    const known = this.#instances.get(instanceId);
    if (known && isDeepStrictEqual(known, instance)) return;
    this.#instances.set(instanceId, instance);
    if (known) this.#compilation.terminate(known);
    this.#compilation.launch(instance);
    if (known) return; // on another interface: its groups are for life
    for (const { groupId } of groups) this.#needed.rules.need(groupId);
  }

  #terminate(instanceId: InstanceId): void {
    const instance = this.#instances.get(instanceId);
    if (!instance) return;
    this.#instances.delete(instanceId);
    this.#compilation.terminate(instance);
    for (const { groupId } of instance.groups) {
      if (!this.#needed.rules.release(groupId)) continue;
      for (const ruleId of this.#rules.get(groupId)?.keys() ?? []) this.#revoke(groupId, ruleId);
      this.#rules.delete(groupId);
      this.#forget({ chain: 'rules', id: groupId });
    }
  }

  /** Replaces a rule of that id; what both name as their peer is not given up in between. */
  #authorize({ groupId, number }: GroupNumber, { ruleId, direction, traffic, peer }: AgentRule): void {
    const rule: HeldRule = { ruleId, group: { groupId, number }, direction, traffic, peer };
    const rules = this.#rules.getOrInsertComputed(groupId, () => new Map<RuleId, HeldRule>());
    const held = rules.get(ruleId);
    if (isDeepStrictEqual(held, rule)) return;
    rules.set(ruleId, rule);
    if (peer.kind === 'group') this.#needed.members.need(peer.groupId);
    if (peer.kind === 'prefix-list') this.#needed.prefixes.need(peer.prefixListId);
    this.#enforce(rule, 'authorize');
    if (held) this.#drop(held);
  }

  #revoke(groupId: GroupId, ruleId: RuleId): void {
    const rule = this.#rules.get(groupId)?.get(ruleId);
    if (!rule) return;
    this.#rules.get(groupId)?.delete(ruleId);
    this.#drop(rule);
  }

  /** A kind of peer that is not known here lets nothing through. */
  #enforce(rule: HeldRule, change: 'authorize' | 'revoke'): void {
    const { peer } = rule;
    if (peer.kind === 'cidr' || peer.kind === 'group') this.#compilation[change]({ ...rule, peer });
    else if (peer.kind === 'prefix-list') this.#prefixes[change](rule, peer.prefixListId);
  }

  #drop(rule: HeldRule): void {
    const { peer } = rule;
    this.#enforce(rule, 'revoke');
    if (peer.kind === 'group' && this.#needed.members.release(peer.groupId))
      this.#forgetMembers(peer.groupId);
    if (peer.kind !== 'prefix-list' || !this.#needed.prefixes.release(peer.prefixListId)) return;
    this.#prefixes.forget(peer.prefixListId);
    this.#forget({ chain: 'prefixes', id: peer.prefixListId });
  }

  #forgetMembers(groupId: GroupId): void {
    for (const address of this.#members.get(groupId)?.addresses ?? []) this.#leave(groupId, address);
    this.#members.delete(groupId);
    this.#forget({ chain: 'members', id: groupId });
  }

  #join({ groupId, number }: GroupNumber, address: IpAddress): void {
    let members = this.#members.get(groupId);
    if (!members) this.#members.set(groupId, (members = { number, addresses: new Set() }));
    members.addresses.add(address);
    this.#compilation.join(number, address);
  }

  #leave(groupId: GroupId, address: IpAddress): void {
    const members = this.#members.get(groupId);
    if (!members?.addresses.delete(address)) return;
    this.#compilation.leave(members.number, address);
  }

  #groupOfRules(number: number): GroupId | undefined {
    const groups = this.#instances.values().flatMap((instance) => instance.groups);
    return groups.find((group) => group.number === number)?.groupId;
  }

  #groupOfMembers(number: number): GroupId | undefined {
    return this.#members.entries().find(([, members]) => members.number === number)?.[0];
  }

  #positionOf(name: ChainName): LogPosition | undefined {
    const paging = this.#pagings.get(chainNameText(name));
    if (paging) return paging.position;
    switch (name.chain) {
      case 'host':
        return this.#hostPosition;
      case 'prefixes':
        return this.#needed.prefixes.positions.get(name.id);
      case 'rules':
      case 'members':
        return this.#needed[name.chain].positions.get(name.id);
    }
  }

  /** Confirmed only when all of the chain is there. */
  #move(name: ChainName, { position, event = '' }: Place): void {
    this.#events.set(chainNameText(name), event);
    const paging = this.#pagings.get(chainNameText(name));
    if (paging) return paging.moveTo(position);
    this.#setPosition(name, position);
    this.#unconfirmed.set(chainNameText(name), { ...name, position });
  }

  #setPosition(name: ChainName, position: LogPosition | undefined): void {
    if (name.chain === 'host') this.#hostPosition = position;
    else if (name.chain === 'prefixes') this.#needed.prefixes.moveTo(name.id, position);
    else this.#needed[name.chain].moveTo(name.id, position);
  }

  #forget(name: ChainName): void {
    this.#pagings.delete(chainNameText(name));
    this.#unconfirmed.delete(chainNameText(name));
    this.#events.delete(chainNameText(name));
  }

  #eventOf(name: ChainName): string {
    return this.#events.get(chainNameText(name)) ?? '';
  }
}

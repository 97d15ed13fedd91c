import {
  Compilation,
  type PolicyInstance,
  type PolicyRule,
  type Ruleset,
  type Transaction,
} from '#libs/compiler';
import type { GroupId, InstanceId, IpAddress, LogPosition, RuleId } from '#libs/domain';
import type {
  AgentInstance,
  AgentRule,
  ChainCursor,
  ChainName,
  ChainPositions,
  Confirmation,
  Delta,
  GroupNumber,
  Page,
  SyncReply,
} from '#libs/protocol';
import { chainNameText, fitOf, NeededChains, type Fit } from './chain.js';
import { Paging } from './paging.js';

interface HeldMembers {
  readonly number: number;
  readonly addresses: Set<IpAddress>;
}

/** One chain as it is held: what a page brings is added, what is gone by the last is dropped. */
interface HeldChain {
  readonly held: Iterable<string>;
  readonly comes: readonly string[];
  readonly add: () => void;
  readonly drop: (id: string) => void;
}

/**
 * All that this host enforces, where each of its chains stands, and what the kernel should hold for it. Changes by
 * deltas and by syncs; each costs what changed. Knows by itself what it needs: the rules of its instances' groups, and
 * the members of the groups that those rules name.
 */
export class AgentPolicy {
  readonly #compilation = new Compilation();
  readonly #instances = new Map<InstanceId, PolicyInstance>();
  readonly #rules = new Map<GroupId, Map<RuleId, PolicyRule>>();
  readonly #members = new Map<GroupId, HeldMembers>();
  #hostPosition: LogPosition | undefined = 0;
  /** By the instances that need a group's rules, and the rules that need a group's members. */
  readonly #needed = { rules: new NeededChains(), members: new NeededChains() };
  readonly #pagings = new Map<string, Paging>();
  readonly #unconfirmed = new Map<string, Confirmation>();

  get positions(): ChainPositions {
    return {
      host: this.#hostPosition ?? 0,
      rules: Object.fromEntries(this.#needed.rules.positions),
      members: Object.fromEntries(this.#needed.members.positions),
    };
  }

  /** Where to go on with the chains that come in pages. */
  get cursors(): readonly ChainCursor[] {
    return [...this.#pagings.values()].flatMap(({ cursor }) => cursor ?? []);
  }

  /** The groups whose rules and members this host must follow. */
  get wanted(): { readonly rules: ReadonlySet<GroupId>; readonly members: ReadonlySet<GroupId> } {
    return { rules: this.#needed.rules.groupIds, members: this.#needed.members.groupIds };
  }

  /** Whether something that it needs has not arrived, or not all of it; until it has, what needs it is closed. */
  get isIncomplete(): boolean {
    const { rules, members } = this.#needed;
    return this.#hostPosition === undefined || !rules.areComplete || !members.areComplete;
  }

  get isPaging(): boolean {
    return this.#pagings.size > 0;
  }

  /** The interface of the instance that has the address, if it is here. */
  interfaceOf(address: IpAddress): string | undefined {
    return this.#instances.values().find(({ addresses }) => addresses.includes(address))?.interfaceName;
  }

  get ruleset(): Ruleset {
    return this.#compilation.ruleset();
  }

  apply(delta: Delta): Fit {
    const name = nameOf(delta);
    const fit = fitOf(this.#positionOf(name), delta);
    if (fit !== 'next') return fit;
    switch (delta.type) {
      case 'host':
        for (const { instanceId } of delta.terminated) this.#terminate(instanceId);
        for (const instance of delta.launched) this.#launch(instance);
        break;
      case 'rules':
        for (const ruleId of delta.removed) this.#revoke(delta.groupId, ruleId);
        for (const rule of delta.added) this.#authorize(delta, rule);
        break;
      case 'members':
        for (const address of delta.removed) this.#leave(delta.groupId, address);
        for (const address of delta.added) this.#join(delta, address);
    }
    this.#move(name, delta.position);
    return fit;
  }

  /**
   * Takes chains or pages of them, changing only what differs. What comes is taken before what goes: a group that is
   * needed before and after must not be given up in between, as the answer leaves out what was right already.
   */
  applySync({ host, rules, members }: SyncReply): void {
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
      this.#take({ chain: 'rules', groupId }, page, {
        held: this.#rules.get(groupId)?.keys() ?? [],
        comes: page.rules.map(({ ruleId }) => ruleId),
        add: () => page.rules.forEach((rule) => this.#authorize(page, rule)),
        drop: (id) => this.#revoke(groupId, id as RuleId),
      });
    }
    for (const page of members) {
      const { groupId } = page;
      if (!this.#needed.members.has(groupId)) continue;
      this.#take({ chain: 'members', groupId }, page, {
        held: this.#members.get(groupId)?.addresses ?? [],
        comes: page.addresses,
        add: () => page.addresses.forEach((address) => this.#join(page, address)),
        drop: (id) => this.#leave(groupId, id as IpAddress),
      });
    }
  }

  #take(name: ChainName, page: Page, { held, comes, add, drop }: HeldChain): void {
    const text = chainNameText(name);
    const paging = page.after === undefined ? new Paging(name, page, held) : this.#pagings.get(text);
    if (page.after !== undefined && !paging?.isFollowedBy(page)) {
      this.#pagings.delete(text); // asked for from the beginning, then
      return;
    }
    add();
    paging?.keep(comes);
    if (paging && page.next !== undefined) {
      paging.turnTo(page);
      this.#pagings.set(text, paging);
      this.#setPosition(name, undefined);
      return;
    }
    this.#pagings.delete(text);
    for (const id of paging?.stale ?? []) drop(id);
    this.#move(name, page.position);
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
      host: { position: this.#hostPosition ?? 0, instances: [...this.#instances.values()] },
      rules: [...this.#needed.rules.positions].map(([groupId, position]) => {
        const held = [...(this.#rules.get(groupId)?.values() ?? [])];
        return {
          groupId,
          number: held[0]?.group.number ?? 0,
          position,
          rules: held.map(({ ruleId, direction, traffic, peer }) => ({ ruleId, direction, traffic, peer })),
        };
      }),
      members: [...this.#needed.members.positions].map(([groupId, position]) => {
        const { number = 0, addresses = [] } = this.#members.get(groupId) ?? {};
        return { groupId, number, position, addresses: [...addresses] };
      }),
    };
  }

  #launch({ instanceId, interfaceName, addresses, groups }: AgentInstance): void {
    if (this.#instances.has(instanceId)) return;
    const instance = { instanceId, interfaceName, addresses, groups };
    this.#instances.set(instanceId, instance);
    this.#compilation.launch(instance);
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
      this.#forget({ chain: 'rules', groupId });
    }
  }

  #authorize({ groupId, number }: GroupNumber, { ruleId, direction, traffic, peer }: AgentRule): void {
    const rule: PolicyRule = { ruleId, group: { groupId, number }, direction, traffic, peer };
    const rules = this.#rules.getOrInsertComputed(groupId, () => new Map<RuleId, PolicyRule>());
    if (rules.has(ruleId)) return;
    rules.set(ruleId, rule);
    this.#compilation.authorize(rule);
    if (peer.kind === 'group') this.#needed.members.need(peer.groupId);
  }

  #revoke(groupId: GroupId, ruleId: RuleId): void {
    const rule = this.#rules.get(groupId)?.get(ruleId);
    if (!rule) return;
    this.#rules.get(groupId)?.delete(ruleId);
    this.#compilation.revoke(rule);
    if (rule.peer.kind !== 'group' || !this.#needed.members.release(rule.peer.groupId)) return;
    const peer = rule.peer.groupId;
    for (const address of this.#members.get(peer)?.addresses ?? []) this.#leave(peer, address);
    this.#members.delete(peer);
    this.#forget({ chain: 'members', groupId: peer });
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

  #positionOf(name: ChainName): LogPosition | undefined {
    const paging = this.#pagings.get(chainNameText(name));
    if (paging) return paging.position;
    if (name.chain === 'host' || name.groupId === undefined) return this.#hostPosition;
    return this.#needed[name.chain].positions.get(name.groupId);
  }

  /** Confirmed only when all of the chain is there. */
  #move(name: ChainName, position: LogPosition): void {
    const paging = this.#pagings.get(chainNameText(name));
    if (paging) return paging.moveTo(position);
    this.#setPosition(name, position);
    this.#unconfirmed.set(chainNameText(name), { ...name, position });
  }

  #setPosition({ chain, groupId }: ChainName, position: LogPosition | undefined): void {
    if (chain === 'host' || groupId === undefined) this.#hostPosition = position;
    else this.#needed[chain].moveTo(groupId, position);
  }

  #forget(name: ChainName): void {
    this.#pagings.delete(chainNameText(name));
    this.#unconfirmed.delete(chainNameText(name));
  }
}

const nameOf = (delta: Delta): ChainName =>
  delta.type === 'host' ? { chain: 'host' } : { chain: delta.type, groupId: delta.groupId };

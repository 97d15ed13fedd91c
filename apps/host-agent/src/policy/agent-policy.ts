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
  ChainPositions,
  Confirmation,
  Delta,
  GroupNumber,
  SyncReply,
} from '#libs/protocol';
import { confirmationText, fitOf, Positions, type Fit } from './chain.js';

interface HeldMembers {
  readonly number: number;
  readonly addresses: Set<IpAddress>;
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
  readonly #positions = new Positions();
  /** How many instances need a group's rules, and how many rules a group's members. */
  readonly #wantedRules = new Map<GroupId, number>();
  readonly #wantedMembers = new Map<GroupId, number>();
  readonly #unconfirmed = new Map<string, Confirmation>();

  get positions(): ChainPositions {
    return this.#positions.toJSON();
  }

  /** The groups whose rules and members this host must follow. */
  get wanted(): { readonly rules: ReadonlySet<GroupId>; readonly members: ReadonlySet<GroupId> } {
    return { rules: new Set(this.#wantedRules.keys()), members: new Set(this.#wantedMembers.keys()) };
  }

  /** Whether something that it needs has never arrived; until it has, what needs it is closed. */
  get isIncomplete(): boolean {
    return (
      this.#wantedRules.keys().some((groupId) => !this.#positions.rules.has(groupId)) ||
      this.#wantedMembers.keys().some((groupId) => !this.#positions.members.has(groupId))
    );
  }

  /** The interface of the instance that has the address, if it is here. */
  interfaceOf(address: IpAddress): string | undefined {
    return this.#instances.values().find(({ addresses }) => addresses.includes(address))?.interfaceName;
  }

  get ruleset(): Ruleset {
    return this.#compilation.ruleset();
  }

  apply(delta: Delta): Fit {
    const fit = fitOf(this.#positionOf(delta), delta);
    if (fit !== 'next') return fit;
    switch (delta.type) {
      case 'host':
        for (const { instanceId } of delta.terminated) this.#terminate(instanceId);
        for (const instance of delta.launched) this.#launch(instance);
        this.#moveHost(delta.position);
        break;
      case 'rules':
        for (const ruleId of delta.removed) this.#revoke(delta.groupId, ruleId);
        for (const rule of delta.added) this.#authorize(delta, rule);
        this.#moveRules(delta.groupId, delta.position);
        break;
      case 'members':
        for (const address of delta.removed) this.#leave(delta.groupId, address);
        for (const address of delta.added) this.#join(delta, address);
        this.#moveMembers(delta.groupId, delta.position);
    }
    return fit;
  }

  /**
   * Takes whole chains, changing only what differs. What comes is taken before what goes: a group that is needed
   * before and after must not be given up in between, as the answer leaves out what was right already.
   */
  applySync({ host, rules, members }: SyncReply): void {
    if (host) {
      const now = new Map(host.instances.map((instance) => [instance.instanceId, instance]));
      for (const instance of now.values())
        if (!this.#instances.has(instance.instanceId)) this.#launch(instance);
      for (const [instanceId] of this.#instances) if (!now.has(instanceId)) this.#terminate(instanceId);
      this.#moveHost(host.position);
    }
    for (const chain of rules) {
      if (!this.#wantedRules.has(chain.groupId)) continue;
      const now = new Map(chain.rules.map((rule) => [rule.ruleId, rule]));
      const held = [...(this.#rules.get(chain.groupId)?.keys() ?? [])];
      for (const rule of now.values())
        if (!this.#rules.get(chain.groupId)?.has(rule.ruleId)) this.#authorize(chain, rule);
      for (const ruleId of held) if (!now.has(ruleId)) this.#revoke(chain.groupId, ruleId);
      this.#moveRules(chain.groupId, chain.position);
    }
    for (const chain of members) {
      if (!this.#wantedMembers.has(chain.groupId)) continue;
      const now = new Set(chain.addresses);
      const held = this.#members.get(chain.groupId)?.addresses ?? [];
      for (const address of held) if (!now.has(address)) this.#leave(chain.groupId, address);
      for (const address of now) this.#join(chain, address);
      this.#moveMembers(chain.groupId, chain.position);
    }
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

  /** The whole of it as a sync would bring it, to be kept on disk. */
  snapshot(): SyncReply {
    return {
      version: 1,
      position: 0,
      more: false,
      host: {
        position: this.#positions.host,
        instances: [...this.#instances.values()],
      },
      rules: [...this.#positions.rules].map(([groupId, position]) => {
        const held = [...(this.#rules.get(groupId)?.values() ?? [])];
        return {
          groupId,
          number: held[0]?.group.number ?? 0,
          position,
          rules: held.map(({ ruleId, direction, traffic, peer }) => ({ ruleId, direction, traffic, peer })),
        };
      }),
      members: [...this.#positions.members].map(([groupId, position]) => {
        const { number = 0, addresses = [] } = this.#members.get(groupId) ?? {};
        return { groupId, number, position, addresses: [...addresses] };
      }),
    };
  }

  #positionOf(delta: Delta): LogPosition | undefined {
    if (delta.type === 'host') return this.#positions.host;
    return this.#positions[delta.type].get(delta.groupId);
  }

  #launch({ instanceId, interfaceName, addresses, groups }: AgentInstance): void {
    const instance = { instanceId, interfaceName, addresses, groups };
    this.#instances.set(instanceId, instance);
    this.#compilation.launch(instance);
    for (const { groupId } of groups)
      this.#wantedRules.set(groupId, (this.#wantedRules.get(groupId) ?? 0) + 1);
  }

  #terminate(instanceId: InstanceId): void {
    const instance = this.#instances.get(instanceId);
    if (!instance) return;
    this.#instances.delete(instanceId);
    this.#compilation.terminate(instance);
    for (const { groupId } of instance.groups) {
      if (!release(this.#wantedRules, groupId)) continue;
      for (const ruleId of this.#rules.get(groupId)?.keys() ?? []) this.#revoke(groupId, ruleId);
      this.#rules.delete(groupId);
      this.#positions.rules.delete(groupId);
      this.#unconfirmed.delete(confirmationText({ chain: 'rules', groupId, position: 0 }));
    }
  }

  #authorize({ groupId, number }: GroupNumber, { ruleId, direction, traffic, peer }: AgentRule): void {
    const rule: PolicyRule = { ruleId, group: { groupId, number }, direction, traffic, peer };
    let rules = this.#rules.get(groupId);
    if (!rules) this.#rules.set(groupId, (rules = new Map()));
    rules.set(ruleId, rule);
    this.#compilation.authorize(rule);
    if (peer.kind === 'group')
      this.#wantedMembers.set(peer.groupId, (this.#wantedMembers.get(peer.groupId) ?? 0) + 1);
  }

  #revoke(groupId: GroupId, ruleId: RuleId): void {
    const rule = this.#rules.get(groupId)?.get(ruleId);
    if (!rule) return;
    this.#rules.get(groupId)?.delete(ruleId);
    this.#compilation.revoke(rule);
    if (rule.peer.kind !== 'group' || !release(this.#wantedMembers, rule.peer.groupId)) return;
    const peer = rule.peer.groupId;
    for (const address of this.#members.get(peer)?.addresses ?? []) this.#leave(peer, address);
    this.#members.delete(peer);
    this.#positions.members.delete(peer);
    this.#unconfirmed.delete(confirmationText({ chain: 'members', groupId: peer, position: 0 }));
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

  #moveHost(position: LogPosition): void {
    this.#positions.host = position;
    this.#confirm({ chain: 'host', position });
  }

  #moveRules(groupId: GroupId, position: LogPosition): void {
    this.#positions.rules.set(groupId, position);
    this.#confirm({ chain: 'rules', groupId, position });
  }

  #moveMembers(groupId: GroupId, position: LogPosition): void {
    this.#positions.members.set(groupId, position);
    this.#confirm({ chain: 'members', groupId, position });
  }

  #confirm(confirmation: Confirmation): void {
    this.#unconfirmed.set(confirmationText(confirmation), confirmation);
  }
}

/** One need less; true when it was the last. */
function release(needs: Map<GroupId, number>, groupId: GroupId): boolean {
  const left = (needs.get(groupId) ?? 0) - 1;
  if (left > 0) needs.set(groupId, left);
  else needs.delete(groupId);
  return left <= 0;
}

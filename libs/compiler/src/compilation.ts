import { familyOf, type AddressFamily, type GroupId, type IpAddress } from '#libs/domain';
import { ElementTable } from './element-table.js';
import { FAILSAFE, failsafeKey } from './host-chains.js';
import {
  DEFAULT_SETTINGS,
  type GroupNumber,
  type HostPolicy,
  type HostSettings,
  type PolicyInstance,
  type PolicyRule,
} from './host-policy.js';
import { elementsOf } from './permissions.js';
import { INTERFACES, ownSlot, peerSlot, programOf, SOURCES, type Inventory } from './program.js';
import { fingerprintOf } from './held.js';
import type { Chain, NftSet, Ruleset } from './ruleset.js';
import { shapeName, shapeSet, type Shape } from './shapes.js';
import type { Operation, Transaction } from './transaction.js';

/**
 * Host policy → nftables objects, change by change: each call costs what changed, whatever the size of the rest.
 * The objects depend on the policy alone and not on the way to it, so `compile` from scratch gives the same.
 */
export class Compilation {
  readonly #table = new ElementTable();
  readonly #memberships = new Map<IpAddress, readonly number[]>();
  /** Of each interface, the instances that are there; more than one only while they change places. */
  readonly #wearers = new Map<string, PolicyInstance[]>();
  readonly #shapes = new Map<string, Shape>();
  readonly #interfaces: readonly string[];
  #inventory: Inventory = { ownSlots: 1, peerSlots: { 4: 0, 6: 0 }, shapes: [] };
  #chains: ReadonlyMap<string, Chain>;

  constructor({ interfaces, failsafe }: HostSettings = DEFAULT_SETTINGS) {
    this.#interfaces = interfaces;
    this.#chains = chainsByName(this.#inventory, interfaces);
    for (const side of ['in', 'out'] as const)
      for (const port of failsafe[side]) this.#table.retain(FAILSAFE[side], { key: failsafeKey(port) });
    this.#table.take();
  }

  /** One that comes to an interface before the last one has gone wears it from now on. */
  launch(instance: PolicyInstance): void {
    const { interfaceName, addresses } = instance;
    this.#table.retain(INTERFACES, { key: [interfaceName] });
    for (const address of addresses)
      this.#table.retain(SOURCES[familyOf(address)], { key: [interfaceName, address] });
    const wearers = this.#wearers.getOrInsertComputed(interfaceName, () => []);
    const before = wearers.at(-1);
    wearers.push(instance);
    this.#wear(interfaceName, before, instance);
  }

  terminate({ instanceId, interfaceName, addresses }: PolicyInstance): void {
    this.#table.release(INTERFACES, [interfaceName]);
    for (const address of addresses)
      this.#table.release(SOURCES[familyOf(address)], [interfaceName, address]);
    const wearers = this.#wearers.get(interfaceName) ?? [];
    const before = wearers.at(-1);
    const index = wearers.findIndex((one) => one.instanceId === instanceId);
    if (index >= 0) wearers.splice(index, 1);
    if (wearers.length === 0) this.#wearers.delete(interfaceName);
    this.#wear(interfaceName, before, wearers.at(-1));
  }

  authorize(rule: PolicyRule): void {
    for (const { shape, key } of elementsOf(rule)) {
      this.#shapes.getOrInsert(shapeName(shape), shape);
      this.#table.retain(shapeSet(shape), { key });
    }
  }

  revoke(rule: PolicyRule): void {
    for (const { shape, key } of elementsOf(rule)) this.#table.release(shapeSet(shape), key);
  }

  join(group: number, address: IpAddress): void {
    const now = this.#memberships.get(address) ?? [];
    if (!now.includes(group))
      this.#assignMemberships(
        address,
        [...now, group].sort((one, other) => one - other),
      );
  }

  leave(group: number, address: IpAddress): void {
    const now = this.#memberships.get(address) ?? [];
    this.#assignMemberships(
      address,
      now.filter((number) => number !== group),
    );
  }

  /** What has changed since the last call, as one transaction, in an order that the kernel accepts. */
  take(): Transaction {
    const { deletions, additions, changesUse } = this.#table.take();
    if (!changesUse) return [...deletions, ...additions];
    const oldSets = setsOf(this.#inventory);
    const oldChains = this.#chains;
    this.#inventory = this.#takeInventory();
    const sets = setsOf(this.#inventory);
    if (sameNames(sets, oldSets)) return [...deletions, ...additions];
    this.#chains = chainsByName(this.#inventory, this.#interfaces);
    const addedSets = sets.filter(({ name }) => !oldSets.some((old) => old.name === name));
    const removedSets = oldSets.filter(({ name }) => !sets.some((set) => set.name === name));
    return [
      ...addedSets.map((set): Operation => ({ type: 'addSet', set })),
      ...deletions,
      ...additions,
      ...replacedRules(oldChains, this.#chains),
      // A set may only go once no rule looks it up.
      ...removedSets.map(({ name }): Operation => ({ type: 'deleteSet', set: name })),
    ];
  }

  /** All that the kernel should hold. */
  ruleset(): Ruleset {
    const inventory = this.#takeInventory();
    return {
      sets: new Map(setsOf(inventory).map((set) => [set.name, this.#table.contentOf(set)])),
      chains: chainsByName(inventory, this.#interfaces),
    };
  }

  #wear(interfaceName: string, before?: PolicyInstance, now?: PolicyInstance): void {
    const groups = byNumber(now?.groups ?? []);
    for (let index = 0; index < Math.max(groups.length, before?.groups.length ?? 0); index++)
      this.#table.assign(ownSlot(index + 1), [interfaceName], groups[index]?.number);
  }

  #assignMemberships(address: IpAddress, now: readonly number[]): void {
    const before = this.#memberships.get(address) ?? [];
    if (now.length > 0) this.#memberships.set(address, now);
    else this.#memberships.delete(address);
    for (let index = 0; index < Math.max(now.length, before.length); index++) {
      if (now[index] !== before[index])
        this.#table.assign(peerSlot(familyOf(address), index + 1), [address], now[index]);
    }
  }

  /** Slots fill from the first, so the first empty one ends the count. */
  #takeInventory(): Inventory {
    const used = (slot: (k: number) => NftSet): number => {
      let k = 0;
      while (this.#table.isUsed(slot(k + 1))) k++;
      return k;
    };
    const peers = (family: AddressFamily): number => used((k) => peerSlot(family, k));
    for (const [name, shape] of this.#shapes)
      if (!this.#table.isUsed(shapeSet(shape))) this.#shapes.delete(name);
    return {
      ownSlots: Math.max(1, used(ownSlot)),
      peerSlots: { 4: peers(4), 6: peers(6) },
      shapes: [...this.#shapes.values()],
    };
  }
}

/** From scratch; the oracle of every incremental step. */
export const compile = (policy: HostPolicy, settings?: HostSettings): Ruleset =>
  compilationOf(policy, settings).ruleset();

/** A compilation that has everything of the policy, with nothing left to `take`. */
export function compilationOf(
  { instances, rules, members }: HostPolicy,
  settings?: HostSettings,
): Compilation {
  const compilation = new Compilation(settings);
  for (const instance of instances.values()) compilation.launch(instance);
  for (const rule of rules.values()) compilation.authorize(rule);
  for (const { number, addresses } of members.values())
    for (const address of addresses) compilation.join(number, address);
  compilation.take();
  return compilation;
}

const byNumber = (groups: readonly GroupNumber[]): readonly { groupId: GroupId; number: number }[] =>
  groups.toSorted((one, other) => one.number - other.number);

const chainsByName = (inventory: Inventory, interfaces: readonly string[]): ReadonlyMap<string, Chain> =>
  new Map(programOf(inventory, interfaces).map((chain) => [chain.name, chain]));

function setsOf({ ownSlots, peerSlots, shapes }: Inventory): readonly NftSet[] {
  const slots = (count: number, slot: (k: number) => NftSet): readonly NftSet[] =>
    Array.from({ length: count }, (_, index) => slot(index + 1));
  return [
    FAILSAFE.in,
    FAILSAFE.out,
    INTERFACES,
    SOURCES[4],
    SOURCES[6],
    ...slots(ownSlots, ownSlot),
    ...slots(peerSlots[4], (k) => peerSlot(4, k)),
    ...slots(peerSlots[6], (k) => peerSlot(6, k)),
    ...shapes.map(shapeSet),
  ];
}

const sameNames = (one: readonly NftSet[], other: readonly NftSet[]): boolean => {
  const names = new Set(one.map(({ name }) => name));
  return one.length === other.length && other.every(({ name }) => names.has(name));
};

/** The program always has the same chains; only what they look up changes. */
function replacedRules(
  before: ReadonlyMap<string, Chain>,
  after: ReadonlyMap<string, Chain>,
): readonly Operation[] {
  const text = (chain: Chain | undefined): string => (chain?.statements ?? []).map(fingerprintOf).join();
  return [...after.values()]
    .filter((chain) => text(chain) !== text(before.get(chain.name)))
    .map(({ name, statements }) => ({ type: 'replaceRules', chain: { name, statements } }));
}

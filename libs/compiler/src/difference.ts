import { fingerprintOf, type HeldChain, type HeldTable } from './held.js';
import type { Chain, Element, NftSet, Ruleset, SetContent } from './ruleset.js';
import type { Operation, Transaction } from './transaction.js';

/**
 * What makes the table that a kernel holds into the one that it should hold: nothing at all when it is right already.
 * One transaction, so that no packet meets a half-made table.
 */
export function difference(held: HeldTable | undefined, desired: Ruleset): Transaction {
  if (!held) return build(desired);
  // A base chain that hangs elsewhere, or a set of another type, can't be changed in place.
  if (mustRebuild(held, desired)) return [{ type: 'deleteTable' }, ...build(desired)];
  const sets = [...desired.sets.values()];
  const chains = [...desired.chains.values()];
  const newSets = sets.filter(({ set }) => !held.sets.has(set.name));
  const newChains = chains.filter(({ name }) => !held.chains.has(name));
  const oldSets = [...held.sets.keys()].filter((name) => !desired.sets.has(name));
  const oldChains = [...held.chains.values()].filter(({ name }) => !desired.chains.has(name));
  const edited = chains.filter((chain) => !holds(held.chains.get(chain.name), chain));
  return [
    ...newSets.map(({ set }): Operation => ({ type: 'addSet', set })),
    ...sets.flatMap((content) => elementOperations(held.sets.get(content.set.name), content)),
    ...newChains.map((chain): Operation => ({ type: 'addChain', chain })),
    ...edited.map(({ name, statements }): Operation => ({
      type: 'replaceRules',
      chain: { name, statements },
    })),
    // Chains that are no longer ours may jump to each other: all are emptied before any is removed.
    ...oldChains.map(({ name }): Operation => ({ type: 'replaceRules', chain: { name, statements: [] } })),
    ...oldChains.map(({ name }): Operation => ({ type: 'deleteChain', chain: name })),
    ...oldSets.map((set): Operation => ({ type: 'deleteSet', set })),
  ];
}

/** Base chains come last, so that even a transaction that had to be split judges no packet by half a program. */
function build({ sets, chains }: Ruleset): Transaction {
  const contents = [...sets.values()];
  const all = [...chains.values()];
  const hooksLast = [...all.filter(({ base }) => !base), ...all.filter(({ base }) => base)];
  return [
    { type: 'addTable' },
    ...contents.map(({ set }): Operation => ({ type: 'addSet', set })),
    ...contents.flatMap((content) => elementOperations(undefined, content)),
    ...hooksLast.map((chain): Operation => ({ type: 'addChain', chain })),
    ...hooksLast.map(({ name, statements }): Operation => ({
      type: 'replaceRules',
      chain: { name, statements },
    })),
  ];
}

function mustRebuild(held: HeldTable, desired: Ruleset): boolean {
  const otherType = (one: NftSet, other: NftSet): boolean =>
    one.key.join() !== other.key.join() || one.value !== other.value;
  return (
    desired.sets.values().some(({ set }) => {
      const known = held.sets.get(set.name);
      return known !== undefined && otherType(known.set, set);
    }) ||
    desired.chains.values().some(({ name, base }) => {
      const known = held.chains.get(name);
      return known !== undefined && hookText(known.base) !== hookText(base);
    })
  );
}

const hookText = (base: Chain['base']): string =>
  base ? `${base.hook} ${base.priority} ${base.policy}` : '';

const holds = (held: HeldChain | undefined, { statements }: Chain): boolean =>
  held?.fingerprints.length === statements.length &&
  statements.every((statement, index) => held.fingerprints[index] === fingerprintOf(statement));

function elementOperations(
  held: SetContent | undefined,
  { set, elements }: SetContent,
): readonly Operation[] {
  const missingIn =
    (other: SetContent['elements'] | undefined) =>
    ([key, { value }]: [string, Element]): boolean =>
      !other?.has(key) || other.get(key)?.value !== value;
  const gone = [...(held?.elements ?? [])].filter(missingIn(elements));
  const come = [...elements].filter(missingIn(held?.elements));
  const operations: Operation[] = [];
  if (gone.length > 0)
    operations.push({ type: 'deleteElements', set, elements: gone.map(([, element]) => element) });
  if (come.length > 0)
    operations.push({ type: 'addElements', set, elements: come.map(([, element]) => element) });
  return operations;
}

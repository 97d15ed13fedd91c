import {
  fingerprintOf,
  keyText,
  type Chain,
  type Element,
  type HeldTable,
  type NftSet,
  type Ruleset,
  type Transaction,
} from '../index.js';

/** What a table is after a transaction, for transactions that are known to be sound. */
export function applyTransaction(before: Ruleset | undefined, transaction: Transaction): Ruleset {
  const sets = new Map<string, { set: NftSet; elements: Map<string, Element> }>(
    before?.sets.entries().map(([name, { set, elements }]) => [name, { set, elements: new Map(elements) }]),
  );
  const chains = new Map<string, Chain>(before?.chains);
  const elementsOf = (set: NftSet): Map<string, Element> => {
    const found = sets.get(set.name);
    if (!found) throw new Error(`no set ${set.name}`);
    return found.elements;
  };
  for (const operation of transaction) {
    switch (operation.type) {
      case 'addTable':
        break;
      case 'deleteTable':
        sets.clear();
        chains.clear();
        break;
      case 'addSet':
        sets.set(operation.set.name, { set: operation.set, elements: new Map() });
        break;
      case 'deleteSet':
        if (!sets.delete(operation.set)) throw new Error(`no set ${operation.set}`);
        break;
      case 'addChain':
        chains.set(operation.chain.name, { ...operation.chain, statements: [] });
        break;
      case 'deleteChain':
        chains.delete(operation.chain);
        break;
      case 'replaceRules': {
        const { name, statements } = operation.chain;
        const chain = chains.get(name);
        if (!chain) throw new Error(`no chain ${name}`);
        chains.set(name, { ...chain, statements });
        break;
      }
      case 'addElements':
        for (const element of operation.elements)
          elementsOf(operation.set).set(keyText(element.key), element);
        break;
      case 'deleteElements':
        for (const { key } of operation.elements)
          if (!elementsOf(operation.set).delete(keyText(key))) throw new Error(`no element ${keyText(key)}`);
    }
  }
  return { sets, chains };
}

/** What a kernel with this ruleset would say that it holds. */
export const heldBy = ({ sets, chains }: Ruleset): HeldTable => ({
  sets,
  chains: new Map(
    chains
      .entries()
      .map(([name, { statements, ...chain }]) => [
        name,
        { ...chain, fingerprints: statements.map(fingerprintOf) },
      ]),
  ),
});

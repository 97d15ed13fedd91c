import { keyText, type Chain, type Element, type NftSet } from './ruleset.js';

/** One step of an atomic change of the table. */
export type Operation =
  /** Makes the table if it is not there. */
  | { readonly type: 'addTable' }
  /** Removes the table and all that is in it, if it is there. */
  | { readonly type: 'deleteTable' }
  | { readonly type: 'addSet'; readonly set: NftSet }
  | { readonly type: 'deleteSet'; readonly set: string }
  /** Makes a chain without rules; `replaceRules` fills it. */
  | { readonly type: 'addChain'; readonly chain: Pick<Chain, 'name' | 'base'> }
  | { readonly type: 'deleteChain'; readonly chain: string }
  /** All of a chain's rules at once: what stood there is gone. */
  | { readonly type: 'replaceRules'; readonly chain: Pick<Chain, 'name' | 'statements'> }
  /** Adding what is there is fine; another value for a map's key is refused. */
  | { readonly type: 'addElements'; readonly set: NftSet; readonly elements: readonly Element[] }
  /** Deleting what is not there is refused. */
  | { readonly type: 'deleteElements'; readonly set: NftSet; readonly elements: readonly Element[] };

/** All of it happens at one moment, or nothing does. */
export type Transaction = readonly Operation[];

/** The operation in nft's words, for people: `add element inet rampart slot_1 { ri-1a2b : 7 }`. */
export function operationText(operation: Operation): string {
  const own = (what: string, name: string): string => `${what} inet rampart ${name}`;
  switch (operation.type) {
    case 'addTable':
      return 'add table inet rampart';
    case 'deleteTable':
      return 'delete table inet rampart';
    case 'addSet':
      return own(operation.set.value ? 'add map' : 'add set', operation.set.name);
    case 'deleteSet':
      return own('delete set', operation.set);
    case 'addChain':
      return own('add chain', operation.chain.name);
    case 'deleteChain':
      return own('delete chain', operation.chain);
    case 'replaceRules':
      return own('replace rules of chain', operation.chain.name);
    case 'addElements':
      return `${own('add element', operation.set.name)} ${elementsText(operation.elements)}`;
    case 'deleteElements':
      return `${own('delete element', operation.set.name)} ${elementsText(operation.elements)}`;
  }
}

function elementsText(elements: readonly Element[]): string {
  const shown = elements
    .slice(0, 3)
    .map(({ key, value }) => keyText(key) + (value === undefined ? '' : ` : ${value}`));
  return `{ ${shown.join(', ')}${elements.length > shown.length ? `, … ${elements.length} in all` : ''} }`;
}

import { fingerprintOf, type HeldTable } from './held.js';
import { keyText, type Element, type Ruleset } from './ruleset.js';

/** What a table holds, as lines in a fixed order, by set and by chain: equal exactly when the tables are. */
export type TableContents = ReadonlyMap<string, readonly string[]>;

/** Of the table as a dataplane reads it back. */
export function contentsOf({ sets, chains }: HeldTable): TableContents {
  return new Map([
    ...sets
      .entries()
      .map(([name, { elements }]) => [`set ${name}`, elementLines(elements.values())] as const),
    ...chains
      .entries()
      .map(
        ([name, { fingerprints }]) => [`chain ${name}`, fingerprints.map((one) => one ?? 'foreign')] as const,
      ),
  ]);
}

/** Of the table as it should be. */
export const contentsOfRuleset = ({ sets, chains }: Ruleset): TableContents =>
  contentsOf({
    sets,
    chains: new Map(
      chains
        .entries()
        .map(([name, { statements }]) => [name, { name, fingerprints: statements.map(fingerprintOf) }]),
    ),
  });

const elementLines = (elements: Iterable<Element>): readonly string[] =>
  [...elements].map(({ key, value }) => `${keyText(key)} : ${value ?? ''}`).sort();

import { keyText, type Chain, type Element, type Ruleset, type Statement } from './ruleset.js';

/** What a kernel does not take: one element of a set, or all of the set. */
export interface Withheld {
  readonly set: string;
  readonly element?: Element;
}

/** The ruleset without that. A set that is left out takes with it the statements that look something up in it. */
export function without({ sets, chains }: Ruleset, withheld: readonly Withheld[]): Ruleset {
  if (withheld.length === 0) return { sets, chains };
  const whole = new Set(withheld.flatMap(({ set, element }) => (element ? [] : [set])));
  const single = Map.groupBy(
    withheld.filter(({ element }) => element),
    ({ set }) => set,
  );
  const keptSets = [...sets].flatMap(([name, content]) => {
    if (whole.has(name)) return [];
    const gone = new Set(single.get(name)?.map(({ element }) => keyText(element?.key ?? [])));
    if (gone.size === 0) return [[name, content] as const];
    const elements = new Map([...content.elements].filter(([key]) => !gone.has(key)));
    return [[name, { ...content, elements }] as const];
  });
  const kept = ({ statements, ...chain }: Chain): Chain => ({
    ...chain,
    statements: statements.filter((statement) => !looksUp(statement, whole)),
  });
  return {
    sets: new Map(keptSets),
    chains: new Map([...chains].map(([name, chain]) => [name, kept(chain)])),
  };
}

const looksUp = (statement: Statement, sets: ReadonlySet<string>): boolean =>
  statement.some(
    (expression) =>
      ('set' in expression && sets.has(expression.set)) || ('map' in expression && sets.has(expression.map)),
  );

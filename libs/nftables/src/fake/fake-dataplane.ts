import {
  fingerprintOf,
  keyText,
  operationText,
  type Chain,
  type Element,
  type HeldTable,
  type NftSet,
  type Operation,
  type Ruleset,
  type Statement,
  type Transaction,
} from '#libs/compiler';
import type { CommitOutcome, Dataplane } from '../dataplane.js';

type Code = 'ENOENT' | 'EEXIST' | 'EBUSY' | 'EINVAL' | 'EMLINK';

const MEANINGS: Readonly<Record<Code, string>> = {
  ENOENT: 'it, or something that it names, does not exist',
  EEXIST: 'it exists already, and is something else',
  EBUSY: 'something still uses it',
  EINVAL: 'the kernel finds it malformed',
  EMLINK: 'chains jump in a circle, or too deep',
};

interface Table {
  readonly sets: Map<string, { readonly set: NftSet; readonly elements: Map<string, Element> }>;
  readonly chains: Map<string, Chain>;
}

/**
 * Behaves like the kernel where it matters: atomic, and one bad reference and nothing is applied. Undoes a refused
 * transaction step by step, so that a commit costs what it changes, as with the kernel.
 */
export class FakeDataplane implements Dataplane {
  #table: Table | undefined;
  #undo: (() => void)[] = [];

  /** What packets are judged by, for `evaluate`. */
  get ruleset(): Ruleset {
    return this.#table ?? { sets: new Map(), chains: new Map() };
  }

  commit(transaction: Transaction): CommitOutcome {
    this.#undo = [];
    for (const [index, operation] of transaction.entries()) {
      const code = this.#apply(operation);
      if (!code) continue;
      for (const undo of this.#undo.reverse()) undo();
      const reason = `${operationText(operation)}: ${code}, ${MEANINGS[code]}`;
      return { committed: false, refused: { index, operation, code, reason } };
    }
    return { committed: true };
  }

  read(): HeldTable | undefined {
    if (!this.#table) return undefined;
    const { sets, chains } = this.#table;
    return {
      sets: new Map(
        sets.entries().map(([name, { set, elements }]) => [name, { set, elements: new Map(elements) }]),
      ),
      chains: new Map(
        chains
          .entries()
          .map(([name, { statements, ...chain }]) => [
            name,
            { ...chain, fingerprints: statements.map(fingerprintOf) },
          ]),
      ),
    };
  }

  [Symbol.dispose](): void {
    this.#table = undefined;
  }

  #apply(operation: Operation): Code | undefined {
    if (operation.type === 'addTable')
      return this.#setTable(this.#table ?? { sets: new Map(), chains: new Map() });
    if (operation.type === 'deleteTable') return this.#setTable(undefined);
    const table = this.#table;
    if (!table) return 'ENOENT';
    switch (operation.type) {
      case 'addSet':
        return this.#addSet(table, operation.set);
      case 'deleteSet':
        if (!table.sets.has(operation.set)) return 'ENOENT';
        if (statementsIn(table).some((statement) => setsIn(statement).includes(operation.set)))
          return 'EBUSY';
        return this.#write(table.sets, operation.set, undefined);
      case 'addChain':
        return this.#addChain(table, operation.chain);
      case 'deleteChain':
        if (!table.chains.has(operation.chain)) return 'ENOENT';
        if (statementsIn(table).some((statement) => chainsIn(statement).includes(operation.chain)))
          return 'EBUSY';
        return this.#write(table.chains, operation.chain, undefined);
      case 'replaceRules':
        return this.#replaceRules(table, operation.chain);
      case 'addElements':
        return firstCode(operation.elements, (element) => this.#addElement(table, operation.set, element));
      case 'deleteElements':
        return firstCode(operation.elements, (element) => this.#deleteElement(table, operation.set, element));
    }
  }

  #setTable(table: Table | undefined): undefined {
    const before = this.#table;
    this.#undo.push(() => (this.#table = before));
    this.#table = table;
  }

  #addSet(table: Table, set: NftSet): Code | undefined {
    const known = table.sets.get(set.name)?.set;
    if (!known) return this.#write(table.sets, set.name, { set, elements: new Map() });
    return known.key.join() === set.key.join() && known.value === set.value ? undefined : 'EEXIST';
  }

  #addChain(table: Table, { name, base }: Pick<Chain, 'name' | 'base'>): Code | undefined {
    const known = table.chains.get(name);
    if (!known) return this.#write(table.chains, name, { name, ...(base ? { base } : {}), statements: [] });
    return JSON.stringify(known.base) === JSON.stringify(base) ? undefined : 'EEXIST';
  }

  #replaceRules(table: Table, { name, statements }: Pick<Chain, 'name' | 'statements'>): Code | undefined {
    const chain = table.chains.get(name);
    if (!chain) return 'ENOENT';
    if (statements.flatMap(setsIn).some((set) => !table.sets.has(set))) return 'ENOENT';
    if (statements.flatMap(chainsIn).some((target) => !table.chains.has(target))) return 'ENOENT';
    this.#write(table.chains, name, { ...chain, statements });
    return reaches(table, name, name) ? 'EMLINK' : undefined;
  }

  #addElement(table: Table, { name }: NftSet, { key, value }: Element): Code | undefined {
    const content = table.sets.get(name);
    if (!content) return 'ENOENT';
    if (key.length !== content.set.key.length) return 'EINVAL';
    if ((value === undefined) !== (content.set.value === undefined)) return 'EINVAL';
    const known = content.elements.get(keyText(key));
    if (known) return known.value === value ? undefined : 'EEXIST';
    return this.#write(content.elements, keyText(key), value === undefined ? { key } : { key, value });
  }

  #deleteElement(table: Table, { name }: NftSet, { key }: Element): Code | undefined {
    const elements = table.sets.get(name)?.elements;
    if (!elements?.has(keyText(key))) return 'ENOENT';
    return this.#write(elements, keyText(key), undefined);
  }

  #write<V>(map: Map<string, V>, key: string, value: V | undefined): undefined {
    const before = map.get(key);
    this.#undo.push(() => (before === undefined ? map.delete(key) : map.set(key, before)));
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  }
}

const statementsIn = (table: Table): readonly Statement[] =>
  [...table.chains.values()].flatMap(({ statements }) => statements);

const setsIn = (statement: Statement): readonly string[] =>
  statement.flatMap((expression) =>
    'set' in expression ? expression.set : 'map' in expression ? expression.map : [],
  );

const chainsIn = (statement: Statement): readonly string[] =>
  statement.flatMap((expression) => {
    if (!('verdict' in expression) || typeof expression.verdict === 'string') return [];
    return 'jump' in expression.verdict ? expression.verdict.jump : expression.verdict.goto;
  });

function reaches(table: Table, from: string, target: string, seen = new Set<string>()): boolean {
  return (table.chains.get(from)?.statements ?? []).flatMap(chainsIn).some((next) => {
    if (next === target) return true;
    if (seen.has(next)) return false;
    seen.add(next);
    return reaches(table, next, target, seen);
  });
}

function firstCode(
  elements: readonly Element[],
  apply: (element: Element) => Code | undefined,
): Code | undefined {
  for (const element of elements) {
    const code = apply(element);
    if (code) return code;
  }
  return undefined;
}

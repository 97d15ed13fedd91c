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
  type Transaction,
} from '#libs/compiler';
import { DataplaneError, type CommitOutcome, type Dataplane } from '../dataplane.js';
import { ERRNO } from '../netlink/constants.js';
import { UnfitError } from '../netlink/data-types.js';
import { writeOperation } from '../netlink/operations.js';
import { MessageWriter } from '../netlink/writer.js';
import { isTooDeep, objectionTo, setsIn, targetsIn, typesText } from './statements.js';

type Code = 'ENOENT' | 'EEXIST' | 'EBUSY' | 'EINVAL' | 'EMLINK' | 'EOPNOTSUPP';
type Refusal = { readonly code: Code; readonly element?: Element };

interface Table {
  readonly sets: Map<string, { readonly set: NftSet; readonly elements: Map<string, Element> }>;
  readonly chains: Map<string, Chain>;
}

/**
 * Behaves like the kernel where it matters: atomic, and one bad reference and nothing is applied. Undoes a refused
 * transaction step by step, so that a commit costs what it changes, as with the kernel.
 */
export class FakeDataplane implements Dataplane {
  readonly #writer = new MessageWriter(64 * 1024);
  #table: Table | undefined;
  #undo: (() => void)[] = [];
  #isClosed = false;
  #wasTouched = true;

  /** What packets are judged by, for `evaluate`. */
  get ruleset(): Ruleset {
    return this.#table ?? { sets: new Map(), chains: new Map() };
  }

  commit(transaction: Transaction): CommitOutcome {
    this.#assertOpen();
    const outcome = this.#commit(transaction, { depthAtEach: false });
    // Like the kernel: how deep chains go is judged at the end, and only then is it asked which operation began it.
    const changesRules = transaction.some(({ type }) => type === 'replaceRules');
    if (!outcome.committed || !changesRules || !this.#table || !isTooDeep(this.#table)) return outcome;
    this.#takeBack();
    return this.#commit(transaction, { depthAtEach: true });
  }

  read(): HeldTable | undefined {
    this.#assertOpen();
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

  wasTouched(): boolean {
    const was = this.#wasTouched;
    this.#wasTouched = false;
    return was;
  }

  /** Changes the table as somebody else would. */
  meddle(transaction: Transaction): CommitOutcome {
    this.#wasTouched = true;
    return this.commit(transaction);
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new DataplaneError('this dataplane is closed');
  }

  #commit(transaction: Transaction, { depthAtEach }: { readonly depthAtEach: boolean }): CommitOutcome {
    this.#undo = [];
    for (const [index, operation] of transaction.entries()) {
      const refusal =
        this.#unfit(operation) ??
        this.#apply(operation) ??
        (depthAtEach && this.#table && isTooDeep(this.#table) ? { code: 'EMLINK' } : undefined);
      if (!refusal) continue;
      this.#takeBack();
      return refused(index, operation, refusal);
    }
    return { committed: true };
  }

  #takeBack(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
  }

  /** Encoded as for the kernel, so that both refuse what has no encoding. */
  #unfit(operation: Operation): Refusal | undefined {
    try {
      this.#writer.clear();
      writeOperation(this.#writer, operation, () => 0);
      return undefined;
    } catch (error) {
      if (error instanceof UnfitError) return { code: 'EINVAL' };
      throw error;
    }
  }

  #apply(operation: Operation): Refusal | undefined {
    if (operation.type === 'addTable')
      return this.#setTable(this.#table ?? { sets: new Map(), chains: new Map() });
    if (operation.type === 'deleteTable') return this.#setTable(undefined);
    const table = this.#table;
    if (!table) return { code: 'ENOENT' };
    switch (operation.type) {
      case 'addSet':
        return this.#addSet(table, operation.set);
      case 'deleteSet':
        return this.#delete(table.sets, operation.set, statementsUse(table, setsIn, operation.set));
      case 'addChain':
        return this.#addChain(table, operation.chain);
      case 'deleteChain':
        return this.#delete(table.chains, operation.chain, statementsUse(table, targetsIn, operation.chain));
      case 'replaceRules':
        return this.#replaceRules(table, operation.chain);
      case 'addElements':
      case 'deleteElements':
        return this.#changeElements(table, operation);
    }
  }

  #setTable(table: Table | undefined): undefined {
    const before = this.#table;
    this.#undo.push(() => (this.#table = before));
    this.#table = table;
  }

  #addSet(table: Table, set: NftSet): Refusal | undefined {
    const known = table.sets.get(set.name)?.set;
    if (!known) return this.#write(table.sets, set.name, { set, elements: new Map() });
    return isSameType(known, set) ? undefined : { code: 'EEXIST' };
  }

  #delete<V>(map: Map<string, V>, name: string, isUsed: boolean): Refusal | undefined {
    if (!map.has(name)) return { code: 'ENOENT' };
    return isUsed ? { code: 'EBUSY' } : this.#write(map, name, undefined);
  }

  /** A base chain's policy may change, its place may not; a chain that is there needs no second description. */
  #addChain(table: Table, { name, base }: Pick<Chain, 'name' | 'base'>): Refusal | undefined {
    const known = table.chains.get(name);
    if (!known) return this.#write(table.chains, name, { name, ...(base ? { base } : {}), statements: [] });
    if (!base) return undefined;
    if (known.base?.hook !== base.hook || known.base.priority !== base.priority)
      return { code: 'EOPNOTSUPP' };
    return this.#write(table.chains, name, { ...known, base });
  }

  #replaceRules(table: Table, { name, statements }: Pick<Chain, 'name' | 'statements'>): Refusal | undefined {
    const chain = table.chains.get(name);
    if (!chain) return { code: 'ENOENT' };
    for (const statement of statements) {
      const code = objectionTo(statement, table);
      if (code) return { code };
    }
    return this.#write(table.chains, name, { ...chain, statements });
  }

  #changeElements(
    table: Table,
    { type, set, elements }: Extract<Operation, { elements: unknown }>,
  ): Refusal | undefined {
    if (elements.length === 0) return undefined;
    const content = table.sets.get(set.name);
    if (!content) return { code: 'ENOENT' };
    if (!isSameType(content.set, set)) return { code: 'EINVAL' };
    for (const element of elements) {
      const text = keyText(element.key);
      const known = content.elements.get(text);
      if (type === 'deleteElements') {
        if (!known) return { code: 'ENOENT', element };
        this.#write(content.elements, text, undefined);
      } else if (!known) this.#write(content.elements, text, element);
      else if (known.value !== element.value) return { code: 'EEXIST', element };
    }
    return undefined;
  }

  #write<V>(map: Map<string, V>, key: string, value: V | undefined): undefined {
    const before = map.get(key);
    this.#undo.push(() => (before === undefined ? map.delete(key) : map.set(key, before)));
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  }
}

function refused(index: number, operation: Operation, { code, element }: Refusal): CommitOutcome {
  const shown = element && 'elements' in operation ? { ...operation, elements: [element] } : operation;
  const meaning = Object.values(ERRNO).find(([known]) => known === code)?.[1];
  const reason = `${operationText(shown)}: ${code}, ${meaning}`;
  return {
    committed: false,
    refused: { index, operation, ...(element ? { element } : {}), code, reason, done: 0 },
  };
}

const isSameType = (one: NftSet, other: NftSet): boolean =>
  typesText(one.key) === typesText(other.key) && one.value === other.value;

const statementsUse = (table: Table, namesIn: typeof setsIn, name: string): boolean =>
  table.chains.values().some(({ statements }) => statements.some((one) => namesIn(one).includes(name)));

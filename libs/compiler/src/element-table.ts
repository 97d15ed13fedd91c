import { keyText, type Element, type ElementKey, type NftSet, type SetContent } from './ruleset.js';
import type { Operation } from './transaction.js';

interface Counted {
  readonly element: Element;
  readonly count: number;
}

interface Entry {
  readonly set: NftSet;
  readonly elements: Map<string, Counted>;
}

/** What stood in a set before the changes since the last `take`. */
interface Before {
  readonly set: NftSet;
  readonly wasUsed: boolean;
  readonly elements: Map<string, Element | undefined>;
}

export interface TableChange {
  readonly deletions: readonly Operation[];
  readonly additions: readonly Operation[];
  /** Whether a set that was empty no longer is, or the other way round. */
  readonly changesUse: boolean;
}

/**
 * The elements of all sets, each with the number of permissions that need it: two rules may share an element, and it
 * goes with the last of them. Remembers what stood before each change, so that `take` yields the net difference.
 */
export class ElementTable {
  readonly #entries = new Map<string, Entry>();
  #before = new Map<string, Before>();

  /** One more needs the element. */
  retain(set: NftSet, element: Element): void {
    const key = keyText(element.key);
    const known = this.#elementsOf(set).get(key);
    this.#write(set, key, { element, count: (known?.count ?? 0) + 1 });
  }

  /** One less needs it. */
  release(set: NftSet, elementKey: ElementKey): void {
    const key = keyText(elementKey);
    const known = this.#elementsOf(set).get(key);
    if (!known) return;
    this.#write(set, key, known.count > 1 ? { element: known.element, count: known.count - 1 } : undefined);
  }

  /** What a map says of a key from now on; `undefined` removes it. */
  assign(map: NftSet, key: ElementKey, value: number | undefined): void {
    this.#write(map, keyText(key), value === undefined ? undefined : { element: { key, value }, count: 1 });
  }

  isUsed(set: NftSet): boolean {
    return (this.#entries.get(set.name)?.elements.size ?? 0) > 0;
  }

  contentOf(set: NftSet): SetContent {
    const counted = this.#entries.get(set.name)?.elements ?? new Map<string, Counted>();
    return { set, elements: new Map(counted.entries().map(([key, { element }]) => [key, element])) };
  }

  /** The difference since the last `take`: per set at most one operation of each kind. */
  take(): TableChange {
    const deletions: Operation[] = [];
    const additions: Operation[] = [];
    let changesUse = false;
    for (const { set, wasUsed, elements } of this.#before.values()) {
      const gone: Element[] = [];
      const come: Element[] = [];
      for (const [key, before] of elements) {
        const now = this.#entries.get(set.name)?.elements.get(key)?.element;
        if (before && now && before.value === now.value) continue;
        if (before) gone.push(before);
        if (now) come.push(now);
      }
      changesUse ||= wasUsed !== this.isUsed(set);
      if (gone.length > 0) deletions.push({ type: 'deleteElements', set, elements: gone });
      if (come.length > 0) additions.push({ type: 'addElements', set, elements: come });
    }
    this.#before = new Map();
    return { deletions, additions, changesUse };
  }

  #elementsOf(set: NftSet): Map<string, Counted> {
    let entry = this.#entries.get(set.name);
    if (!entry) this.#entries.set(set.name, (entry = { set, elements: new Map() }));
    return entry.elements;
  }

  #write(set: NftSet, key: string, now: Counted | undefined): void {
    const elements = this.#elementsOf(set);
    let before = this.#before.get(set.name);
    if (!before)
      this.#before.set(set.name, (before = { set, wasUsed: elements.size > 0, elements: new Map() }));
    if (!before.elements.has(key)) before.elements.set(key, elements.get(key)?.element);
    if (now) elements.set(key, now);
    else elements.delete(key);
  }
}

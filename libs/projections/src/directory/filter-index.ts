/** All values that a thing is found by; a function of the thing alone. */
export type ValuesOf<Thing> = (thing: Thing) => readonly (string | undefined)[];

/**
 * Things by their values of one kind. What changed is only marked, and read again at the next question: a change costs
 * nothing that grows, a question what changed since the one before.
 */
export class FilterIndex<Thing> {
  readonly #valuesOf: ValuesOf<Thing>;
  readonly #byValue = new Map<string, Set<Thing>>();
  readonly #indexed = new Map<Thing, readonly (string | undefined)[]>();
  readonly #changed: Set<Thing>;

  constructor(valuesOf: ValuesOf<Thing>, things: Iterable<Thing>) {
    this.#valuesOf = valuesOf;
    this.#changed = new Set(things);
  }

  changed(thing: Thing): void {
    this.#changed.add(thing);
  }

  removed(thing: Thing): void {
    this.#changed.delete(thing);
    this.#unindex(thing);
  }

  /** The things that have that very value, in no order. */
  having(value: string): ReadonlySet<Thing> {
    for (const thing of this.#changed) {
      this.#unindex(thing);
      this.#index(thing);
    }
    this.#changed.clear();
    return this.#byValue.get(value) ?? new Set();
  }

  #index(thing: Thing): void {
    const values = this.#valuesOf(thing);
    this.#indexed.set(thing, values);
    for (const value of values)
      if (value !== undefined) this.#byValue.getOrInsertComputed(value, () => new Set()).add(thing);
  }

  #unindex(thing: Thing): void {
    for (const value of this.#indexed.get(thing) ?? []) {
      const things = value === undefined ? undefined : this.#byValue.get(value);
      things?.delete(thing);
      if (value !== undefined && things?.size === 0) this.#byValue.delete(value);
    }
    this.#indexed.delete(thing);
  }
}

/** All values that a thing is found by; a function of the thing alone. */
export type ValuesOf<Thing> = (thing: Thing) => readonly (string | undefined)[];

/**
 * Things by their values of one kind. What changed is only marked, and read again at the next question: a change costs
 * nothing that grows, a question what changed since the one before.
 */
export class FilterIndex<Thing extends object> {
  readonly #valuesOf: ValuesOf<Thing>;
  /** Most values are one thing's alone: sets of one would take most of the time and the room. */
  readonly #byValue = new Map<string, Thing | Set<Thing>>();
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
    const held = this.#byValue.get(value);
    return held instanceof Set ? held : new Set(held && [held]);
  }

  #index(thing: Thing): void {
    const values = this.#valuesOf(thing);
    this.#indexed.set(thing, values);
    for (const value of values) if (value !== undefined) this.#add(value, thing);
  }

  #add(value: string, thing: Thing): void {
    const held = this.#byValue.get(value);
    if (held instanceof Set) held.add(thing);
    else if (held === undefined) this.#byValue.set(value, thing);
    else if (held !== thing) this.#byValue.set(value, new Set([held, thing]));
  }

  #unindex(thing: Thing): void {
    for (const value of this.#indexed.get(thing) ?? []) if (value !== undefined) this.#drop(value, thing);
    this.#indexed.delete(thing);
  }

  #drop(value: string, thing: Thing): void {
    const held = this.#byValue.get(value);
    if (held instanceof Set) held.delete(thing);
    if (held === thing || (held instanceof Set && held.size === 0)) this.#byValue.delete(value);
  }
}

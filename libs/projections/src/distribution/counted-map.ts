/** How often each of some values is needed; a value goes with its last need. */
export class Counted<T> {
  readonly #counts = new Map<T, number>();
  #snapshot: ReadonlySet<T> | undefined;

  change(value: T, by: number): void {
    const before = this.#counts.get(value) ?? 0;
    const next = before + by;
    if (next > 0) this.#counts.set(value, next);
    else this.#counts.delete(value);
    if (before > 0 !== next > 0) this.#snapshot = undefined;
  }

  get values(): IteratorObject<T> {
    return this.#counts.keys();
  }

  /** The values as they are now: the same set until one comes or goes. */
  get snapshot(): ReadonlySet<T> {
    return (this.#snapshot ??= new Set(this.#counts.keys()));
  }

  get size(): number {
    return this.#counts.size;
  }

  has(value: T): boolean {
    return this.#counts.has(value);
  }

  entries(): IteratorObject<[T, number]> {
    return this.#counts.entries();
  }
}

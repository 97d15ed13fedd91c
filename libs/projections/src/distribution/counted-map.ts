/** How often each of some values is needed; a value goes with its last need. */
export class Counted<T> {
  readonly #counts = new Map<T, number>();

  change(value: T, by: number): void {
    const next = (this.#counts.get(value) ?? 0) + by;
    if (next > 0) this.#counts.set(value, next);
    else this.#counts.delete(value);
  }

  get values(): IteratorObject<T> {
    return this.#counts.keys();
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

/**
 * The parameters of a Query request. EC2 writes lists as `Name.1`, `Name.2` and structures as `Name.1.Field`; clients
 * number from 1, with or without gaps, and the order of the numbers is the order of the list.
 */
export class QueryParameters {
  readonly #values: ReadonlyMap<string, string>;
  readonly #prefix: string;

  private constructor(values: ReadonlyMap<string, string>, prefix: string) {
    this.#values = values;
    this.#prefix = prefix;
  }

  /** From `application/x-www-form-urlencoded` text; of a name given twice the last counts. */
  static parse(encoded: string): QueryParameters {
    return new QueryParameters(new Map(new URLSearchParams(encoded)), '');
  }

  /** Undefined when absent or empty, which EC2 treats alike. */
  text(name: string): string | undefined {
    return this.#values.get(this.#prefix + name) || undefined;
  }

  /** Whether it is there at all, be it empty. */
  has(name: string): boolean {
    return this.#values.has(this.#prefix + name);
  }

  list(name: string): readonly string[] {
    return this.#indices(name).flatMap((index) => this.text(`${name}.${index}`) ?? []);
  }

  /** The same with the empty ones, for where an empty text means itself. */
  listWithEmpty(name: string): readonly string[] {
    return this.#indices(name).map((index) => this.text(`${name}.${index}`) ?? '');
  }

  structures(name: string): readonly QueryParameters[] {
    return this.#indices(name).map((index) => this.within(`${name}.${index}`));
  }

  /** The fields of one structure. */
  within(name: string): QueryParameters {
    return new QueryParameters(this.#values, `${this.#prefix}${name}.`);
  }

  #indices(name: string): readonly number[] {
    const start = `${this.#prefix}${name}.`;
    const indices = new Set<number>();
    for (const key of this.#values.keys()) {
      const [, digits] = key.startsWith(start)
        ? (/^([0-9]{1,9})(?:\.|$)/.exec(key.slice(start.length)) ?? [])
        : [];
      if (digits !== undefined) indices.add(Number(digits));
    }
    return [...indices].sort((one, other) => one - other);
  }
}

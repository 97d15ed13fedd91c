/** One result: what was measured, and how it is spread. */
export interface Result {
  readonly name: string;
  readonly unit: string;
  readonly samples: number;
  readonly p50: number;
  readonly p99: number;
  readonly min: number;
  readonly max: number;
}

/** Collects the results of a run: a table for people, and a line of JSON each for programs. */
export class Report {
  readonly #results: Result[] = [];

  add(name: string, unit: string, samples: readonly number[]): Result {
    const result = { name, unit, samples: samples.length, ...spreadOf(samples) };
    this.#results.push(result);
    return result;
  }

  print(isForPrograms: boolean): void {
    const columns = this.#results.map(({ name, ...rest }): [string, object] => [name, rest]);
    if (!isForPrograms) console.table(Object.fromEntries(columns));
    for (const result of this.#results) console.log(JSON.stringify(result));
  }
}

function spreadOf(samples: readonly number[]): Pick<Result, 'p50' | 'p99' | 'min' | 'max'> {
  const sorted = samples.toSorted((one, other) => one - other);
  const at = (quantile: number): number =>
    Number((sorted[Math.floor(quantile * (sorted.length - 1))] ?? 0).toPrecision(3));
  return { p50: at(0.5), p99: at(0.99), min: at(0), max: at(1) };
}

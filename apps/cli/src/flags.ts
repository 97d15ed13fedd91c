import { Option, type Command } from 'commander';
import { UsageError } from './usage-error.js';

/** What a flag's value or an operand names, so that a shell can complete it; a list is all there is. */
export type Completes = 'file' | 'group' | 'instance' | 'host' | 'resource' | readonly string[];

/** A flag as declared: `-p, --port-range <range>` takes a value, `--egress` takes none. */
export interface Flag {
  readonly flags: string;
  readonly says: string;
  /** Long names from older versions of the classic tools, understood but not shown. */
  readonly formerly?: readonly string[];
  /** Said in the help; a flag that isn't refuses a second value. */
  readonly repeatable?: true;
  readonly completes?: Completes;
}

/** What was typed after the command's name, by long flag name. */
export class Given {
  #values = new Map<string, string[]>();
  operands: readonly string[] = [];

  note(flag: string, value: string): void {
    this.#values.set(flag, [...this.many(flag), value]);
  }

  has(flag: string): boolean {
    return this.#values.has(flag);
  }

  many(flag: string): readonly string[] {
    return this.#values.get(flag) ?? [];
  }

  /** Refuses a second value rather than choosing one: which one was meant can't be known. */
  one(flag: string): string | undefined {
    const [value, ...others] = this.many(flag);
    if (others.length === 0) return value;
    throw new UsageError(`${flag} is given ${others.length + 1} times: give it once`);
  }

  /** How many values, operands included, are this one. */
  count(value: string): number {
    return [this.operands, ...this.#values.values()].flat().filter((one) => one === value).length;
  }

  /** Puts the values that `expand` makes of each value, operands included, in its place. */
  expand(expand: (value: string) => readonly string[]): void {
    this.operands = this.operands.flatMap(expand);
    this.#values = new Map([...this.#values].map(([flag, values]) => [flag, values.flatMap(expand)]));
  }
}

/** Declares the flags on the command, so that whatever is typed lands in `given`. */
export function declareFlags(
  command: Command,
  flags: readonly Flag[],
  given: Given,
  helpGroup = 'Options:',
): void {
  for (const flag of flags) {
    const says = flag.repeatable ? `${flag.says} (repeatable)` : flag.says;
    const option = new Option(flag.flags, says).helpGroup(helpGroup);
    const name = longNameOf(option);
    const value = flag.flags.match(/ [<[].+/)?.[0] ?? '';
    const former = (flag.formerly ?? []).map((long) => new Option(long + value).hideHelp());
    for (const spelling of [option, ...former]) {
      command.addOption(spelling);
      command.on(`option:${spelling.name()}`, (text: string | null) => given.note(name, text ?? ''));
    }
  }
}

const longNameOf = ({ long, short }: Option): string => long ?? short ?? '';

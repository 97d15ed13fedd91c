import type { Completes, Flag } from './flags.js';

/** What may be typed after a command's name: parsed, explained and completed from this one place. */
export interface Grammar {
  readonly summary: string;
  /** In commander's words: `<group>` is needed, `[group...]` may be any number. */
  readonly operands: string;
  readonly flags: readonly Flag[];
  /** Whether it changes something, so that one can wait until hosts enforce it. */
  readonly changes?: boolean;
  /** Whether it lists what can be listed as it was at another time. */
  readonly looksBack?: true;
  /** What the operands name; nothing where a shell can't know. */
  readonly completes?: Completes;
  /** What follows the name, each with what it does; all of them work as they stand in a lab. */
  readonly examples: readonly (readonly [typed: string, does: string])[];
}

import type { Flag, Given } from './flags.js';
import type { Row } from './rows.js';
import type { XmlElement } from './connection/xml-element.js';

/** EC2 Query parameters, `Action` among them. */
export type Parameters = Readonly<Record<string, string>>;

/** One classic verb: how what is typed becomes a request, and how the answer becomes lines. */
export interface Verb {
  readonly summary: string;
  /** In commander's words: `<group>` is needed, `[group...]` may be any number. */
  readonly operands: string;
  readonly flags: readonly Flag[];
  /** What follows the verb, each with what it does. */
  readonly examples: readonly (readonly [typed: string, does: string])[];
  /** Whether it changes something, so that one can wait until hosts enforce it. */
  readonly changes: boolean;
  /** Throws a `UsageError` where no request can be made of it. */
  readonly parametersOf: (given: Given) => Parameters;
  readonly rowsOf: (answer: XmlElement, given: Given) => readonly Row[];
  /** Titles for `--headers`; nothing where the classic tools print none. */
  readonly headers?: readonly Row[];
  /** What the user should know of an answer beside its rows. */
  readonly remarksOn?: (answer: XmlElement) => readonly string[];
}

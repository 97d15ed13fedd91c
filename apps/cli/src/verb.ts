import type { XmlElement } from './connection/xml-element.js';
import type { Given } from './flags.js';
import type { Grammar } from './grammar.js';
import type { Row } from './rows.js';

/** EC2 Query parameters, `Action` among them. */
export type Parameters = Readonly<Record<string, string>>;

/** One classic verb: how what is typed becomes a request, and how the answer becomes lines. */
export interface Verb extends Grammar {
  readonly changes: boolean;
  /** Throws a `UsageError` where no request can be made of it. */
  readonly parametersOf: (given: Given) => Parameters;
  readonly rowsOf: (answer: XmlElement, given: Given) => readonly Row[];
  /** Titles for `--headers`; nothing where the classic tools print none. */
  readonly headers?: readonly Row[];
  /** What the user should know of an answer beside its rows. */
  readonly remarksOn?: (answer: XmlElement) => readonly string[];
}

import type { Given } from '../flags.js';
import type { Grammar } from '../grammar.js';
import type { ExitStatus, Terminal } from '../terminal.js';

/** One thing that `rampart` can do by asking the control plane. */
export interface RampartCommand extends Grammar {
  /** Exit status 0 unless it says otherwise. */
  readonly run: (given: Given, terminal: Terminal) => Promise<ExitStatus | void>;
}

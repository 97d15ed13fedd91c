import type { Given } from '../flags.js';
import type { Grammar } from '../grammar.js';
import type { Terminal } from '../terminal.js';

/** One thing that `rampart` can do by asking the control plane. */
export interface RampartCommand extends Grammar {
  readonly run: (given: Given, terminal: Terminal) => Promise<void>;
}

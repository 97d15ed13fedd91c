import type { Given } from '../../flags.js';
import type { Grammar } from '../../grammar.js';
import type { ExitStatus, Terminal } from '../../terminal.js';

/** One thing that `rampart log` can do to the log at an address. */
export interface LogCommand extends Grammar {
  readonly run: (given: Given, address: string, terminal: Terminal) => Promise<ExitStatus>;
}

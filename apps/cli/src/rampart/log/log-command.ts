import type { Given } from '../../flags.js';
import type { Grammar } from '../../grammar.js';
import type { ExitStatus, Terminal } from '../../terminal.js';

/** One thing that `rampart log` can do. */
export interface LogCommand extends Grammar {
  readonly run: (given: Given, terminal: Terminal) => Promise<ExitStatus>;
}

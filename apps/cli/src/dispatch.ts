import type { ExitStatus, Terminal } from './terminal.js';
import { verbNamed } from './verb-table.js';

/** Runs a verb or `rampart`, whichever was called; `rampart ec2-authorize …` is the verb too. */
export async function dispatch(
  [name = 'rampart', ...args]: readonly string[],
  terminal: Terminal,
): Promise<ExitStatus> {
  const load = verbNamed(name);
  if (load) {
    const [verb, { runVerb }] = await Promise.all([load(), import('./run-verb.js')]);
    return runVerb(verb, name, args, terminal);
  }
  const [first = '', second = ''] = args;
  if (verbNamed(first)) return dispatch(args, terminal);
  if (first === 'help' && verbNamed(second)) return dispatch([second, '--help'], terminal);
  const { runRampart } = await import('./rampart/rampart.js');
  return runRampart(args, terminal);
}

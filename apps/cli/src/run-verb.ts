import { parse, reporting } from './command-line.js';
import { grammarOf, VERB_FLAGS } from './common-flags.js';
import { connectionFrom } from './connection/connection.js';
import { query } from './connection/query.js';
import { enforcementOf, progressFrom, waitIn, withBareWaitSpelledOut } from './enforcement.js';
import type { Given } from './flags.js';
import { textOf, type Row } from './rows.js';
import { expandFromStandardInput } from './standard-input.js';
import type { ExitStatus, Terminal } from './terminal.js';
import type { Verb } from './verb.js';

/** Runs one verb under the name it was called by. */
export const runVerb = (
  verb: Verb,
  name: string,
  args: readonly string[],
  terminal: Terminal,
): Promise<ExitStatus> =>
  reporting(name, args, terminal, async () => {
    const given = parseVerb(verb, name, args, terminal);
    await expandFromStandardInput(given, verb.operands, terminal.read);
    return carryOut(verb, given, name, terminal);
  });

/** What was typed after a verb. */
export const parseVerb = (verb: Verb, name: string, args: readonly string[], terminal: Terminal): Given =>
  parse(grammarOf(verb), VERB_FLAGS, name, withBareWaitSpelledOut(args), terminal);

async function carryOut(verb: Verb, given: Given, name: string, terminal: Terminal): Promise<ExitStatus> {
  const seconds = waitIn(given);
  const dryRun = given.has('--auth-dry-run') && { DryRun: 'true' };
  const parameters = { ...verb.parametersOf(given), ...dryRun };
  const answer = await query(connectionFrom(given, terminal), parameters, seconds);
  const titles = given.has('--headers') ? (verb.headers ?? []) : [];
  const enforcement =
    seconds === undefined ? undefined : enforcementOf(progressFrom(answer.headers), seconds);
  const rows: Row[] = [...titles, ...verb.rowsOf(answer.element, given)];
  if (enforcement) rows.push(enforcement.row);
  terminal.out(textOf(rows, { showEmptyFields: given.has('--show-empty-fields') }));
  for (const remark of verb.remarksOn?.(answer.element) ?? []) terminal.err(`${name}: ${remark}\n`);
  if (!enforcement?.complaint) return 0;
  terminal.err(`${name}: ${enforcement.complaint}\n`);
  return 1;
}

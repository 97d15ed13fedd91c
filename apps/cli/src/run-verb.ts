import { createCommand, examplesOf, reporting } from './command-line.js';
import { CONNECTION_FLAGS, connectionFrom } from './connection/connection.js';
import { query } from './connection/query.js';
import { enforcementFrom, parseWait, WAIT_FLAG, withBareWaitSpelledOut } from './enforcement.js';
import { declareFlags, Given, type Flag } from './flags.js';
import { textOf, type Row } from './rows.js';
import type { ExitStatus, Terminal } from './terminal.js';
import type { Verb } from './verb.js';

const COMMON_FLAGS: readonly Flag[] = [
  ...CONNECTION_FLAGS,
  { flags: '-D, --auth-dry-run', says: 'ask whether it would be permitted, and change nothing' },
  { flags: '-H, --headers', says: 'print titles above the columns' },
  { flags: '--show-empty-fields', says: 'print empty fields as (nil)' },
];

/** Runs one verb under the name it was called by. */
export const runVerb = (
  verb: Verb,
  name: string,
  args: readonly string[],
  terminal: Terminal,
): Promise<ExitStatus> =>
  reporting(name, terminal, () => carryOut(verb, parse(verb, name, args, terminal), name, terminal));

async function carryOut(verb: Verb, given: Given, name: string, terminal: Terminal): Promise<ExitStatus> {
  const wait = given.one('--wait');
  const seconds = wait === undefined ? undefined : parseWait(wait);
  const dryRun = given.has('--auth-dry-run') && { DryRun: 'true' };
  const parameters = { ...verb.parametersOf(given), ...dryRun };
  const answer = await query(connectionFrom(given, terminal), parameters, seconds);
  const titles = given.has('--headers') ? (verb.headers ?? []) : [];
  const enforcement = seconds === undefined ? undefined : enforcementFrom(answer.headers, seconds);
  const rows: Row[] = [...titles, ...verb.rowsOf(answer.element, given)];
  if (enforcement) rows.push(enforcement.row);
  terminal.out(textOf(rows, { showEmptyFields: given.has('--show-empty-fields') }));
  for (const remark of verb.remarksOn?.(answer.element) ?? []) terminal.err(`${name}: ${remark}\n`);
  if (!enforcement?.complaint) return 0;
  terminal.err(`${name}: ${enforcement.complaint}\n`);
  return 1;
}

/** What was typed; throws a `CommanderError` once help or a complaint is printed. */
export function parse(verb: Verb, name: string, args: readonly string[], terminal: Terminal): Given {
  const given = new Given();
  const command = createCommand(name, terminal)
    .description(verb.summary)
    .arguments(verb.operands)
    .action(() => {
      given.operands = command.args;
    });
  declareFlags(command, verb.changes ? [...verb.flags, WAIT_FLAG] : verb.flags, given);
  declareFlags(command, COMMON_FLAGS, given, 'Common options:');
  command.addHelpText('after', examplesOf(name, verb.examples));
  command.parse(withBareWaitSpelledOut(args), { from: 'user' });
  return given;
}

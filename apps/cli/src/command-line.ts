import { inspect } from 'node:util';
import { Command, CommanderError, Option } from 'commander';
import { ConnectionError, ServiceError } from './connection/service-error.js';
import { declareFlags, Given, type Flag } from './flags.js';
import type { Grammar } from './grammar.js';
import type { ExitStatus, Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';
import { version } from './version.js';

/** What was typed; throws a `CommanderError` once help, the version or a complaint is printed. */
export function parse(
  grammar: Grammar,
  commonFlags: readonly Flag[],
  name: string,
  args: readonly string[],
  terminal: Terminal,
): Given {
  const given = new Given();
  const command = createCommand(name, grammar, terminal).action(() => {
    given.operands = command.args;
  });
  declareFlags(command, grammar.flags, given);
  declareFlags(command, commonFlags, given, COMMON);
  command.parse(withTwoDashes(args, command), { from: 'user' });
  return given;
}

/** Scripts for the classic tools also write long flags with one dash: `-tag Name=web`. */
function withTwoDashes(args: readonly string[], { options }: Command): readonly string[] {
  const long = new Set(options.map((option) => option.long));
  return args.map((arg) => (/^-[a-z]{2}/.test(arg) && long.has(`-${arg}`) ? `-${arg}` : arg));
}

const COMMON = 'Common options:';

/** A commander that writes to the terminal given, never ends the process, and points to its own help. */
function createCommand(name: string, grammar: Grammar, { out, err }: Terminal): Command {
  const command = new Command(name)
    .description(grammar.summary)
    .exitOverride()
    .addHelpOption(new Option('-?, --help', 'show this help').helpGroup(COMMON))
    .addOption(new Option('-h').hideHelp())
    .addOption(new Option('-V, --version', 'show the version').helpGroup(COMMON))
    .allowExcessArguments(false)
    .addHelpText('after', examplesOf(name, grammar.examples))
    .configureOutput({
      writeOut: out,
      writeErr: err,
      outputError: (text, write) => write(complaintOf(name, grammar, text)),
    });
  if (grammar.operands) command.arguments(grammar.operands);
  return command
    .on('option:h', () => command.help())
    .on('option:version', () => {
      out(`${version()}\n`);
      throw new CommanderError(0, 'commander.version', 'the version is shown');
    });
}

/** On one line, with what would have been right. */
function complaintOf(name: string, { examples: [example] }: Grammar, text: string): string {
  const complaint = text
    .replace(/^error: /, '')
    .replace(/\.?\s*$/, '')
    .replaceAll('\n', ' ');
  const right = example ? `; for example: ${`${name} ${example[0]}`.trimEnd()}` : '';
  return `${name}: ${complaint}${right}; see ${name} --help\n`;
}

/** Below the help: what to type, and what it does. */
const examplesOf = (name: string, examples: Grammar['examples']): string =>
  [
    '',
    'Examples:',
    ...examples.map(([typed, does]) => `  ${`${name} ${typed}`.trimEnd()}\n      ${does}`),
  ].join('\n');

/** Tells what went wrong in one line on standard error, `--debug` where; what nobody foresaw is thrown on. */
export async function reporting(
  name: string,
  args: readonly string[],
  terminal: Terminal,
  work: () => Promise<ExitStatus>,
): Promise<ExitStatus> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1; // help, or a complaint, is printed already
    if (error instanceof ServiceError) terminal.err(`${error.message}\n`);
    else if (error instanceof UsageError || error instanceof ConnectionError)
      terminal.err(`${name}: ${error.message}\n`);
    else throw error;
    if (args.includes('--debug')) terminal.err(`${inspect(error)}\n`);
    return 1;
  }
}

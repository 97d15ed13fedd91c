import { Command, CommanderError } from 'commander';
import { ConnectionError, ServiceError } from './connection/service-error.js';
import type { ExitStatus, Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** A commander that writes to the terminal given, never ends the process, and points to its own help. */
export function createCommand(name: string, { out, err }: Terminal, calledAs = name): Command {
  return new Command(name)
    .exitOverride()
    .helpOption('-h, --help', 'show this help')
    .allowExcessArguments(false)
    .configureOutput({
      writeOut: out,
      writeErr: err,
      outputError: (text, write) =>
        write(`${calledAs}: ${text.replace(/^error: /, '').trimEnd()}; see ${calledAs} --help\n`),
    });
}

/** Aligned, below the help: what to type, and what it does. */
export const examplesOf = (
  name: string,
  examples: readonly (readonly [typed: string, does: string])[],
): string =>
  [
    '',
    'Examples:',
    ...examples.map(([typed, does]) => `  ${`${name} ${typed}`.trimEnd()}\n      ${does}`),
  ].join('\n');

/** Tells what went wrong in one line on standard error; what nobody foresaw is thrown on. */
export async function reporting(
  name: string,
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
    return 1;
  }
}

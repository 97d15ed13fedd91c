import { EventStoreError } from '#libs/event-store';
import { parse } from '../../command-line.js';
import type { ExitStatus, Terminal } from '../../terminal.js';
import { UsageError } from '../../usage-error.js';
import type { LogCommand } from './log-command.js';
import { LOG_FLAGS } from './where.js';

/** What can be done with a log, beside a control plane that uses it or without any. */
const COMMANDS: Readonly<Record<string, () => Promise<LogCommand>>> = {
  verify: async () => (await import('./verify.js')).verify,
  export: async () => (await import('./export.js')).exportLog,
  import: async () => (await import('./import.js')).importLog,
  backup: async () => (await import('./backup.js')).backup,
  key: async () => (await import('./key.js')).key,
};

/** `rampart log …` */
export async function runLog([name, ...args]: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  if (name === undefined || ['help', '--help', '-h', '-?'].includes(name)) {
    terminal.out(await overview());
    return 0;
  }
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!load) throw new UsageError(`unknown command '${name}'; there are ${Object.keys(COMMANDS).join(', ')}`);
  const command = await load();
  const given = parse(command, LOG_FLAGS, `rampart log ${name}`, args, terminal);
  try {
    return await command.run(given, terminal);
  } catch (error) {
    if (error instanceof EventStoreError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}

async function overview(): Promise<string> {
  const lines = Object.entries(COMMANDS).map(
    async ([name, load]) => `  rampart log ${name.padEnd(7)}  ${(await load()).summary}\n`,
  );
  return `The log of a cell, wherever it is kept; say where in RAMPART_LOG or --log. Each has its own --help:\n${(await Promise.all(lines)).join('')}`;
}

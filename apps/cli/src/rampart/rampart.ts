import { parse, reporting } from '../command-line.js';
import { grammarOf } from '../common-flags.js';
import { CONNECTION_FLAGS } from '../connection/connection.js';
import { withBareWaitSpelledOut } from '../enforcement.js';
import { expandFromStandardInput } from '../standard-input.js';
import type { ExitStatus, Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';
import { version } from '../version.js';
import { commandNamed } from './command-table.js';

/** `rampart …`: what EC2 has no words for. */
export async function runRampart(
  [name = 'help', ...args]: readonly string[],
  terminal: Terminal,
): Promise<ExitStatus> {
  return reporting(`rampart`, args, terminal, async () => {
    const load = commandNamed(name);
    if (!load) return runOther(name, args, terminal);
    const command = await load();
    const given = parse(
      grammarOf(command),
      CONNECTION_FLAGS,
      `rampart ${name}`,
      withBareWaitSpelledOut(args),
      terminal,
    );
    if (command.completes !== 'file') await expandFromStandardInput(given, command.operands, terminal.read);
    return (await command.run(given, terminal)) ?? 0;
  });
}

/** What asks the control plane nothing, or only quietly. */
async function runOther(name: string, args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  switch (name) {
    case 'lab':
      return (await import('./lab.js')).becomeLab(args); // reads all that follows itself, `--help` included
    case 'log':
      return (await import('./log/log.js')).runLog(args, terminal);
    case 'help':
    case '--help':
    case '-h':
    case '-?':
      return help(args, terminal);
    case '--version':
    case '-V':
      terminal.out(`${version()}\n`);
      return 0;
    case 'completion':
      terminal.out((await import('../completion/scripts.js')).completionScript(args));
      return 0;
    case 'complete': // what those scripts call
      terminal.out(await (await import('../completion/complete.js')).complete(args, terminal));
      return 0;
    default:
      throw new UsageError(`unknown command '${name}'; see rampart help`);
  }
}

async function help([name]: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  if (name === undefined) {
    terminal.out(await (await import('./overview.js')).overview());
    return 0;
  }
  return runRampart([name, '--help'], terminal);
}

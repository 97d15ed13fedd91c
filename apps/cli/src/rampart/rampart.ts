import { findPackageJSON } from 'node:module';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { createCommand, examplesOf, reporting } from '../command-line.js';
import { CONNECTION_FLAGS, connectionFrom } from '../connection/connection.js';
import { declareFlags, Given } from '../flags.js';
import type { ExitStatus, Terminal } from '../terminal.js';
import { VERB_NAMES } from '../verb-table.js';
import { fetchHosts, hostsTable } from './hosts.js';
import { becomeLab } from './lab.js';

/** `rampart …`: what EC2 has no words for. */
export const runRampart = (args: readonly string[], terminal: Terminal): Promise<ExitStatus> =>
  reporting('rampart', terminal, async () => {
    // The lab reads all that follows itself, `--help` included.
    if (args[0] === 'lab') becomeLab(args.slice(1));
    await rampart(terminal).parseAsync(args, { from: 'user' });
    return 0;
  });

function rampart(terminal: Terminal): Command {
  const command = createCommand('rampart', terminal)
    .description('Security groups for a fleet of Linux hosts.')
    .version(version(), '--version', 'show the version')
    .addHelpText('after', examplesOf('rampart', EXAMPLES) + verbList());
  command.addCommand(hostsCommand(terminal));
  command.addCommand(
    createCommand('lab', terminal).description('run a whole fleet on this machine; see rampart lab --help'),
  );
  return command;
}

const EXAMPLES = [
  ['hosts', 'the hosts, and whether they enforce what they should'],
  ['lab --help', 'what the lab on this machine can do'],
] as const;

function hostsCommand(terminal: Terminal): Command {
  const given = new Given();
  const command = createCommand('hosts', terminal, 'rampart hosts')
    .description('Lists the hosts, with what they carry and whether they enforce all that they should.')
    .addHelpText('after', examplesOf('rampart hosts', HOSTS_EXAMPLES))
    .action(async () => {
      const hosts = await fetchHosts(connectionFrom(given, terminal));
      terminal.out(given.has('--json') ? `${JSON.stringify({ hosts }, undefined, 2)}\n` : hostsTable(hosts));
    });
  declareFlags(command, [{ flags: '--json', says: 'print JSON' }], given);
  declareFlags(command, CONNECTION_FLAGS, given, 'Common options:');
  return command;
}

const HOSTS_EXAMPLES = [
  ['', 'a table'],
  ['--json | jq -r \'.hosts[] | select(.state != "enforced").hostId\'', 'hosts to look at'],
] as const;

const verbList = (): string =>
  ['', '', 'Verbs, each with its own --help:', ...VERB_NAMES.map((names) => `  ${names.join(', ')}`)].join(
    '\n',
  );

/** The repository's own; the same file from the sources and from dist. */
function version(): string {
  const file = findPackageJSON('..', import.meta.url) ?? '';
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

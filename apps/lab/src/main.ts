import { Command, InvalidArgumentError } from 'commander';
import { BACKGROUND } from './background.js';
import { LabError } from './errors.js';
import type { LabOptions } from './options.js';
import { MAX_HOSTS } from './machines.js';
import { tellStarter, toStarter, toTerminal } from './output.js';

/** Debian keeps nft, ip and nats-server where not every shell looks. */
process.env.PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

const isBackground = process.env[BACKGROUND] !== undefined;

const between =
  (least: number, most: number) =>
  (text: string): number => {
    const number = /^[0-9]+$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
  };

/** Every command answers its exit status, and is loaded when it is wanted: most are over in a moment. */
const ending =
  <Args extends readonly unknown[]>(run: (...args: Args) => Promise<number>) =>
  async (...args: Args): Promise<void> => {
    process.exit(await run(...args));
  };

const program = new Command('rampart lab')
  .description('a fleet on this machine: hosts and instances in network namespaces, with real packets')
  .enablePositionalOptions();

program
  .command('up', { isDefault: true })
  .description('bring a lab up, and keep it until Ctrl-C')
  .option('--hosts <n>', 'how many hosts', between(1, MAX_HOSTS), 2)
  .option('--instances <n>', 'how many instances: mysql-1, and apache-1 and on', between(2, 10_000), 3)
  .option('--port <port>', 'of the EC2 endpoint on 127.0.0.1', between(1, 65_535), 8770)
  .option('--nats-port <port>', 'of NATS on 127.0.0.1', between(1, 65_535), 4322)
  .option('--detach', 'return when it is up; `rampart lab down` ends it')
  .action(
    ending(async ({ detach, ...options }: LabOptions & { readonly detach?: true }) => {
      if (detach && !isBackground)
        return (await import('./commands/detached.js')).upDetached(process.argv.slice(2));
      return (await import('./commands/up.js')).up(options, isBackground ? toStarter() : toTerminal());
    }),
  );

program
  .command('status')
  .description('what the lab has: names, ids, addresses, namespaces')
  .option('--json', 'as JSON')
  .action(
    ending(async ({ json }: { readonly json?: true }) =>
      (await import('./commands/status.js')).status(json === true),
    ),
  );

program
  .command('exec')
  .description(
    'run a command on a host, an instance, `internet` or the `fabric`; its exit status is passed on',
  )
  .argument('<name>')
  .argument('[command...]')
  .passThroughOptions()
  .action(
    ending(async (name: string, command: readonly string[]) =>
      (await import('./commands/exec.js')).exec(name, command),
    ),
  );

program
  .command('try')
  .description('send packets from one to another: exit status 0 when they arrive, 1 when they do not')
  .argument('<from>')
  .argument('<to>')
  .argument('<what>', 'tcp/PORT, udp/PORT or icmp')
  .showHelpAfterError('(for example: rampart lab try internet apache-1 tcp/80)')
  .option('-6, --ipv6', 'over IPv6')
  .action(
    ending(async (from: string, to: string, what: string, { ipv6 }: { readonly ipv6?: true }) =>
      (await import('./commands/try.js')).tryJourney(from, to, what, ipv6 ? 6 : 4),
    ),
  );

program
  .command('kill')
  .description('kill -9 a process of the lab (control-plane, nats-server, host-1, …); it is started again')
  .argument('<name>')
  .action(ending(async (name: string) => (await import('./commands/signal.js')).endProcess(name, 'SIGKILL')));

program
  .command('restart')
  .description('tell a process of the lab to end; it is started again')
  .argument('<name>')
  .action(ending(async (name: string) => (await import('./commands/signal.js')).endProcess(name, 'SIGTERM')));

program
  .command('down')
  .description('end the lab, and clean up after one that was killed')
  .action(ending(async () => (await import('./commands/down.js')).down()));

/** Commander takes what it does not know for an operand of the command that needs no name. */
function refuseUnknown(name: string | undefined): void {
  const known = [...program.commands.map((command) => command.name()), 'help'];
  if (name === undefined || name.startsWith('-') || known.includes(name)) return;
  throw new LabError(`unknown command '${name}'; there are ${known.join(', ')}`);
}

try {
  refuseUnknown(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  const isExpected = error instanceof LabError;
  const message = `rampart lab: ${isExpected ? error.message : (error as Error).stack}`;
  if (isBackground) await tellStarter({ line: message });
  else process.stderr.write(`${message}\n`);
  process.exit(1);
}

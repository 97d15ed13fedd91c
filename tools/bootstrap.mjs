// `node tools/bootstrap.mjs test|check`: sets up what is missing, then does the work on the project's own Node.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
process.env.PATH = `${process.cwd()}/node_modules/.bin:${process.env.PATH}:/usr/sbin:/sbin`;

const [command, ...args] = process.argv.slice(2);
const PROGRAMS = { test: 'tools/verify.mjs', check: 'tools/verify.mjs' };
const program = PROGRAMS[command];
if (!program) {
  console.error(`unknown command '${command ?? ''}'; use one of: ${Object.keys(PROGRAMS).join(', ')}`);
  process.exit(2);
}

try {
  await setUp();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

const child = spawn('node', [program, command, ...args], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (status, signal) => process.exit(status ?? (signal ? 1 : 0)));

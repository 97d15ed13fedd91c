// `node tools/bootstrap.mjs test|check|control-plane|host-agent`: sets up what is missing, then does the work on the
// project's own Node.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
process.env.PATH = `${process.cwd()}/node_modules/.bin:${process.env.PATH}:/usr/sbin:/sbin`;

const [command, ...args] = process.argv.slice(2);
const CHECKS = ['test', 'check'];
const APPS = ['control-plane', 'host-agent'];
if (![...CHECKS, ...APPS].includes(command)) {
  console.error(`unknown command '${command ?? ''}'; use one of: ${[...CHECKS, ...APPS].join(', ')}`);
  process.exit(2);
}

try {
  await setUp();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}

const child = spawn('node', programFor(command), { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (status, signal) => process.exit(status ?? (signal ? 1 : 0)));

/** An app runs built; building takes half a second when nothing has changed. */
function programFor(name) {
  if (CHECKS.includes(name)) return ['tools/verify.mjs', name, ...args];
  const build = ['node_modules/ts7/bin/tsc', '-p', 'tsconfig.build.json'];
  if (spawnSync('node', build, { stdio: 'inherit' }).status !== 0) process.exit(1);
  return [`dist/apps/${name}/src/main.js`, ...args];
}

// `node tools/bootstrap.mjs test|check|bench|control-plane|host-agent`: sets up what is missing, then does the work on the
// project's own Node.
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setUp } from './setup.mjs';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
process.env.PATH = `${process.cwd()}/node_modules/.bin:${process.env.PATH}:/usr/sbin:/sbin`;

const [command, ...args] = process.argv.slice(2);
const CHECKS = ['test', 'check'];
const BUILT = {
  'control-plane': 'dist/apps/control-plane/src/main.js',
  'host-agent': 'dist/apps/host-agent/src/main.js',
  bench: 'dist/test/bench/main.js',
};
const COMMANDS = [...CHECKS, ...Object.keys(BUILT)];
if (!COMMANDS.includes(command)) {
  console.error(`unknown command '${command ?? ''}'; use one of: ${COMMANDS.join(', ')}`);
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

/** These run built; building takes half a second when nothing has changed. */
function programFor(name) {
  if (CHECKS.includes(name)) return ['tools/verify.mjs', name, ...args];
  const build = ['node_modules/ts7/bin/tsc', '-p', 'tsconfig.build.json'];
  if (spawnSync('node', build, { stdio: 'inherit' }).status !== 0) process.exit(1);
  return [BUILT[name], ...args];
}

// `npm start` and its siblings begin here, on whatever Node.js the machine has (20 or newer) and perhaps
// without node_modules: nothing in tools/ may import a package.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { check, fix, summary, test } from './checks.mjs';
import { modules, projectEnv, projectNode, root } from './places.mjs';
import { Interrupted, Refused, run, say } from './run.mjs';
import { build, installDependencies, installPrograms } from './setup.mjs';

const commands = {
  start: async (args) => {
    await installDependencies();
    await installPrograms();
    await build();
    return app('apps/lab/src/main.js', 'up', ...args);
  },
  // A lab must be stoppable, whatever has changed since it was started.
  lab: async (args) => {
    await installDependencies({ whileRunning: 'warn' });
    await build();
    return app('apps/lab/src/main.js', ...args);
  },
  cli: built('apps/cli/src/main.js'),
  'control-plane': built('apps/control-plane/src/main.js'),
  'host-agent': built('apps/host-agent/src/main.js'),
  bench: async (args) => {
    await installDependencies();
    await installPrograms();
    await build();
    return app('test/bench/main.js', ...args);
  },
  test: async (args) => {
    await installDependencies();
    await installPrograms();
    return test(args);
  },
  check: withDependencies(check),
  fix: withDependencies(fix),
  build: withDependencies(() => build({ always: true })),
  dev: withDependencies(dev),
};

process.chdir(root);
const [name, ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;

process.exitCode = await (command?.(args) ?? usage()).catch((error) => {
  if (!(error instanceof Refused || error instanceof Interrupted)) throw error;
  say(error.message);
  if (name === 'test' || name === 'check') console.log(summary({ passed: 0, failed: 1, skipped: 0 }));
  return error.status;
});

async function usage() {
  say(`usage: npm run ${Object.keys(commands).join(' | ')}`);
  return 2;
}

function withDependencies(work) {
  return async (args) => {
    await installDependencies();
    return work(args);
  };
}

function built(main) {
  return withDependencies(async (args) => {
    await build();
    return app(main, ...args);
  });
}

/** Takes this process's place: it gets the signals and its exit status is ours. */
function app(main, ...args) {
  const file = join(root, 'dist', main);
  if (!existsSync(file)) throw new Refused(`there is no ${main}`);
  return run(projectNode(), ['--enable-source-maps', file, ...args], { env: projectEnv, mayStop: true });
}

/** Compiles on every change and restarts the control plane; whoever ends first ends the other. */
async function dev(args) {
  await build();
  const options = { env: projectEnv, mayStop: true };
  const main = join(root, 'dist', 'apps', 'control-plane', 'src', 'main.js');
  const stop = [];
  const both = [
    [join(modules, 'ts7', 'bin', 'tsc'), '-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'],
    ['--watch', '--enable-source-maps', main, ...args],
  ].map((argv) => run(projectNode(), argv, { ...options, onSpawn: (pid) => stop.push(() => kill(pid)) }));
  await Promise.race(both);
  for (const end of stop) end();
  return Math.max(...(await Promise.all(both)));
}

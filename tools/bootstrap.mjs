// `npm start` and its siblings begin here, on whatever Node.js the machine has (20 or newer) and perhaps
// without node_modules: nothing in tools/ may import a package.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { check, fix, summary, test, testKurrentDb } from './checks.mjs';
import { modules, projectEnv, projectNode, root } from './places.mjs';
import { Interrupted, Refused, run, say } from './run.mjs';
import { build, installDependencies, installForTests, installPrograms } from './setup.mjs';

const commands = {
  start: (args) => app('apps/lab/src/main.js', ['up', ...args], installDependencies, installPrograms),
  // A lab must be stoppable, whatever has changed since it was started.
  lab: (args) => app('apps/lab/src/main.js', args, () => installDependencies({ whileRunning: 'warn' })),
  cli: (args) => app('apps/cli/src/main.js', args, installDependencies),
  'control-plane': (args) => app('apps/control-plane/src/main.js', args, installDependencies),
  'host-agent': (args) => app('apps/host-agent/src/main.js', args, installDependencies),
  bench: (args) => app('test/bench/main.js', args, installDependencies, installPrograms),
  test: (args) => after([installDependencies, installForTests], () => test(args)),
  'test:kurrentdb': (args) => after([installDependencies], () => testKurrentDb(args)),
  check: (args) => after([installDependencies], () => check(args)),
  fix: () => after([installDependencies], fix),
  build: () => after([installDependencies], () => build({ always: true })),
  dev: (args) => after([installDependencies, build], () => dev(args)),
};

process.chdir(root);
const [name = '', ...args] = process.argv.slice(2);
process.exitCode = await main();

async function main() {
  if (!Object.hasOwn(commands, name)) {
    say(`unknown command '${name}'; there are ${Object.keys(commands).join(', ')}`);
    return 2;
  }
  try {
    return await commands[name](args);
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Interrupted)) throw error;
    say(error.message);
    if (name === 'test' || name === 'check') console.log(summary({ passed: 0, failed: 1, skipped: 0 }));
    return error.status;
  }
}

async function after(preparations, work) {
  for (const prepare of preparations) await prepare();
  return work();
}

/** From here on it is the app that decides: it gets the signals, and its exit status is ours. */
async function app(main, args, ...preparations) {
  const file = join(root, 'dist', main);
  return after([...preparations, build], () => {
    if (!existsSync(file)) throw new Refused(`there is no ${main.replace(/\.js$/, '.ts')} yet`);
    const options = { env: projectEnv, mayStop: true };
    return run(projectNode(), ['--enable-source-maps', file, ...args], options);
  });
}

/** Compiles on every change and restarts the control plane; when one of the two ends, so does the other. */
async function dev(args) {
  const pids = [];
  const options = { env: projectEnv, mayStop: true, onSpawn: (pid) => pids.push(pid) };
  const tsc = ['-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'];
  const both = [
    run(projectNode(), [join(modules, 'ts7', 'bin', 'tsc'), ...tsc], options),
    run(projectNode(), ['--watch', 'dist/apps/control-plane/src/main.js', ...args], options),
  ];
  await Promise.race(both);
  for (const pid of pids) stop(pid);
  return Math.max(...(await Promise.all(both)));
}

function stop(pid) {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // it has ended already
  }
}

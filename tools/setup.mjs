// What the project needs beside Node and npm. Runs on any Node from 20 on, before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const STAMP = 'node_modules/.rampart-stamp';
const LOCK = '.rampart/setup.lock';
const PACKAGES = { nft: 'nftables', 'nats-server': 'nats-server', ip: 'iproute2' };

/** One set-up at a time: a second one waits for the first, and takes over from one that was killed. */
export async function setUp() {
  mkdirSync('.rampart', { recursive: true });
  await takeLock();
  try {
    installModules();
    installPrograms();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

async function takeLock() {
  for (;;) {
    try {
      return writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = existsSync(LOCK) ? readFileSync(LOCK, 'utf8') : '';
    if (holder && !isAlive(Number(holder))) rmSync(LOCK, { force: true });
    else await sleep(200);
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The stamp is written last, so that an interrupted installation is done again. */
function installModules() {
  const lock = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex');
  const wanted = `${lock} ${process.platform} ${process.arch}`;
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  console.log('▸ npm ci');
  // npm's own Node and script: the `node` on PATH may be the one that npm is about to remove.
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm ? [process.env.npm_node_execpath ?? process.execPath, npm] : ['npm'];
  run(command, [...first, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], plainEnvironment());
  writeFileSync(STAMP, wanted);
}

function installPrograms() {
  if (process.platform !== 'linux')
    return console.log('▸ not Linux: what needs a kernel of its own is skipped');
  const missing = Object.keys(PACKAGES).filter((program) => spawnSync('which', [program]).status !== 0);
  if (missing.length === 0) return;
  const packages = missing.map((program) => PACKAGES[program]);
  const install = [
    'install',
    '-y',
    '-qq',
    '--no-install-recommends',
    '-o',
    'DPkg::Lock::Timeout=120',
    ...packages,
  ];
  if (process.getuid() !== 0)
    return console.log(`▸ missing: run  sudo apt-get install ${packages.join(' ')}`);
  console.log(`▸ apt-get install ${packages.join(' ')}`);
  const quiet = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  if (spawnSync('apt-get', install, quiet).status === 0) return;
  spawnSync('apt-get', ['update', '-qq'], quiet);
  run('apt-get', install, { ...process.env, DEBIAN_FRONTEND: 'noninteractive' });
}

/** Without what npm adds for its scripts, which would configure the npm inside. */
function plainEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_(config|package|lifecycle)_/.test(name));
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.endsWith('node_modules/.bin'));
  return { ...Object.fromEntries(kept), PATH: path.join(':') };
}

function run(command, args, env) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env });
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
}

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, locked } from './lock.mjs';
import { findProgram, modules, projectEnv, projectNode, root, runtime, systemEnv } from './places.mjs';
import { Refused, run, say } from './run.mjs';

/** The programs that Rampart and its tests call, and the Debian packages that bring them. */
const packages = { nft: 'nftables', 'nats-server': 'nats-server', ip: 'iproute2', sysctl: 'procps' };
/** What only tests call: Debian's own copies, by their paths, whatever else is called `aws` or `python3` here. */
const clientPackages = {
  '/usr/bin/aws': 'awscli',
  '/usr/lib/python3/dist-packages/boto3': 'python3-boto3',
};

/** Brings node_modules in line with the lock file. `whileRunning` says what to do when a lab runs on the old ones. */
export async function installDependencies({ whileRunning = 'refuse' } = {}) {
  const stamp = join(modules, '.rampart-stamp');
  const lock = hash(readFileSync(join(root, 'package-lock.json')));
  const wanted = `${lock} ${process.platform} ${process.arch}`;
  await unlessStamped(stamp, wanted, async (onSpawn) => {
    const lab = runningLab();
    if (lab !== undefined) {
      const trouble = `the dependencies have changed, but a lab (pid ${lab}) is running on the old ones`;
      if (whileRunning === 'refuse') throw new Refused(`${trouble}; stop it first: npm run lab -- down`);
      say(trouble);
      return false;
    }
    await inform('installing dependencies (npm ci)', () => npmCi(onSpawn));
    return true;
  });
}

/** Names what is missing where it may not install: without these programs fakes stand in for the kernel. */
export const installPrograms = () => install(packages);

/** With the clients of EC2 that the tests use as well; without them their tests are left out. */
export const installForTests = () => install({ ...packages, ...clientPackages });

async function install(packageOf) {
  const missing = () => Object.keys(packageOf).filter((program) => !findProgram(program));
  if (missing().length === 0) return;
  await locked(async (onSpawn) => {
    const wanted = missing().map((program) => packageOf[program]);
    if (wanted.length === 0) return;
    const args = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', ...wanted];
    if (!findProgram('apt-get')) return say(`please install ${missing().join(', ')}; going on without`);
    if (process.getuid?.() !== 0) {
      return say(
        `going on without ${missing().join(', ')}; to install: sudo apt-get install -y ${wanted.join(' ')}`,
      );
    }
    await inform(`installing ${wanted.join(', ')} (apt-get)`, async () => {
      if ((await apt(args, onSpawn)) === 0) return 0;
      await apt(['update'], onSpawn); // a fresh machine has no package lists yet
      return apt(args, onSpawn);
    }).catch((error) => say(`${error.message}; going on without ${missing().join(', ')}`));
  });
}

/** Compiles when a source has changed since the last complete build. */
export async function build({ always = false } = {}) {
  const stamp = join(root, 'dist', '.rampart-stamp');
  if (always) rmSync(join(root, 'dist'), { recursive: true, force: true });
  await unlessStamped(stamp, hash(...sources()), async (onSpawn) => {
    const args = [join(modules, 'ts7', 'bin', 'tsc'), '-p', 'tsconfig.build.json'];
    await inform('building', () => run(projectNode(), args, { env: projectEnv, onSpawn }));
    return true;
  });
  return 0;
}

/** The stamp is written after success only, so that whatever was broken off is done again. */
async function unlessStamped(stamp, wanted, work) {
  const isDone = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
  if (isDone()) return;
  await locked(async (onSpawn) => {
    if (isDone()) return; // by the run that we waited for
    rmSync(stamp, { force: true });
    if (await work(onSpawn)) writeFileSync(stamp, wanted);
  });
}

function npmCi(onSpawn) {
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'];
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  const env = systemEnv;
  // The Node.js in node_modules can't run the npm that replaces it.
  return npm && node && !node.startsWith(modules)
    ? run(node, [npm, ...args], { env, onSpawn })
    : run('npm', args, { env, onSpawn });
}

function apt(args, onSpawn) {
  const env = { ...systemEnv, DEBIAN_FRONTEND: 'noninteractive' };
  return run('apt-get', ['-q', ...args], { env, onSpawn, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Says what is being done, that it still is, and how long it took; throws when it failed. */
async function inform(what, work) {
  const seconds = () => `${((Date.now() - start) / 1000).toFixed(1)} s`;
  const start = Date.now();
  say(`${what} …`);
  const reminder = setInterval(() => say(`still ${what} (${seconds()}) …`), 10_000);
  const status = await Promise.resolve(work()).finally(() => clearInterval(reminder));
  if (status !== 0) throw new Refused(`${what} failed (status ${status})`);
  say(`${what}: done in ${seconds()}`);
}

function runningLab() {
  const file = join(runtime, 'lab.pid');
  const pid = existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) : Number.NaN;
  return pid > 0 && isAlive(pid) ? pid : undefined;
}

/** Every source as path, size and time of change: a deleted file counts as a change too. */
function* sources() {
  const configs = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  for (const folder of ['apps', 'libs', 'test/bench'].filter((name) => existsSync(join(root, name)))) {
    const files = readdirSync(join(root, folder), { recursive: true }).filter((name) => /\.tsx?$/.test(name));
    for (const file of files.toSorted((one, other) => (one < other ? -1 : 1)))
      yield described(join(folder, file));
  }
  for (const file of configs) yield described(file);
}

function described(file) {
  const { size, mtimeMs } = statSync(join(root, file));
  return `${file} ${size} ${mtimeMs}\n`;
}

function hash(...parts) {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest('hex');
}

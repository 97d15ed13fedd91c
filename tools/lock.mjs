import {
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runtime } from './places.mjs';
import { say } from './run.mjs';

const lock = join(runtime, 'setup.lock');
const touchEvery = 5_000;
const abandonedAfter = 300_000; // so that a stranger who was given a dead holder's pid can't block us for ever

/**
 * One set-up at a time. The lock names the pid of its holder and of the child that works for it, as npm may
 * outlive a killed holder. When neither lives the lock is void: a crash needs no cleaning up.
 */
export async function locked(work) {
  await take();
  const beat = setInterval(() => utimesSync(lock, new Date(), new Date()), touchEvery);
  try {
    return await work((pid) => writeFileSync(lock, `${process.pid}\n${pid}\n`));
  } finally {
    clearInterval(beat);
    rmSync(lock, { force: true });
  }
}

async function take() {
  mkdirSync(runtime, { recursive: true });
  let told = false;
  while (!tryToTake()) {
    const holders = livingHolders();
    if (holders.length > 0) {
      if (!told) say(`another run (pid ${holders[0]}) is setting up; waiting for it …`);
      told = true;
      await sleep(300);
      continue;
    }
    rmSync(lock, { force: true });
    // Two may find the same dead holder and the slower one remove the faster one's new lock. Who still holds
    // it after a pause has it.
    const taken = tryToTake();
    await sleep(150);
    if (taken && holderPids().includes(process.pid)) return;
  }
}

/** The link makes the lock appear with its content, or not at all. */
function tryToTake() {
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, `${process.pid}\n`);
  try {
    linkSync(mine, lock);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(mine);
  }
}

const livingHolders = () => (age() > abandonedAfter ? [] : holderPids().filter(isAlive));

const holderPids = () =>
  (read(() => readFileSync(lock, 'utf8')) ?? '').split('\n').filter(Boolean).map(Number);

const age = () => Date.now() - (read(() => statSync(lock).mtimeMs) ?? 0);

/** Undefined when the lock was released a moment ago. */
function read(look) {
  try {
    return look();
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

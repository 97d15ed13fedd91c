import { once } from 'node:events';
import { Interruption, LabError } from '../errors.js';
import type { Ground } from '../ground/ground.js';
import { LoopbackGround } from '../ground/loopback.js';
import { NamespaceGround, noNamespaces } from '../ground/namespaces.js';
import { raise } from '../lab.js';
import type { LabOptions } from '../options.js';
import { assertNoLabHere, lockMachine } from '../lock.js';
import { tellStarter, type Say } from '../output.js';
import { hasLeftovers, tidy } from '../tidy.js';
import { tourOf } from '../tour.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Raises a lab and keeps it until a signal comes; answers the exit status. Nothing is left behind either way. */
export async function up(options: LabOptions, say: Say): Promise<number> {
  const ending = new AbortController();
  // Kept to the end: a second signal (npm passes on what the terminal has sent already) must not cut the end short.
  for (const name of SIGNALS) process.on(name, () => ending.abort(new Interruption(name)));
  ending.signal.addEventListener('abort', () => say('taking the lab down'));
  try {
    await using started = new AsyncDisposableStack();
    assertNoLabHere();
    started.use(await lockMachine());
    if (hasLeftovers()) {
      say('a lab that was killed has left things behind: cleaning up');
      await tidy();
    }
    const ground = await groundHere(say);
    const began = performance.now();
    const { record, keys } = await raise(options, { ground, say, ending, started });
    say(`the lab is up (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    say(tourOf(record, keys));
    if (process.connected) await tellStarter({ ready: true });
    else say('each change follows as a line; Ctrl-C takes everything down');
    if (!ending.signal.aborted) await once(ending.signal, 'abort');
    ending.signal.throwIfAborted();
    return 0;
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    say('the lab is down');
    return 0;
  }
}

/** Namespaces if the machine has them, and a plain word if not. */
async function groundHere(say: Say): Promise<Ground> {
  const asked = process.env.RAMPART_DATAPLANE;
  if (asked !== undefined && asked !== 'kernel' && asked !== 'fake')
    throw new LabError(`RAMPART_DATAPLANE is ${asked}: say kernel or fake`);
  const lacking = asked === 'fake' ? 'RAMPART_DATAPLANE is fake' : await noNamespaces();
  if (lacking === undefined) {
    say('Rampart lab: a fleet in network namespaces, with real packets');
    return new NamespaceGround();
  }
  if (asked === 'kernel') throw new LabError(`no network namespaces here: ${lacking}`);
  say(`Rampart lab WITHOUT real packets (${lacking}):`);
  say('  agents commit to a fake kernel; `rampart lab try` tells what would become of a packet');
  return new LoopbackGround();
}

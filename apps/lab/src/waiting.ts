import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from './errors.js';

const LOOK_MS = 20;
const LIMIT_MS = 30_000;

/** The first answer; a throw means "not yet", and is told when there never was an answer. */
export async function until<Answer>(
  what: string,
  attempt: () => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const deadline = performance.now() + LIMIT_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline)
        throw new LabError(`gave up waiting for ${what}: ${(error as Error).message}`);
    }
    await sleep(LOOK_MS);
  }
}

/** The work's result, or the signal's reason as soon as there is one. */
export async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

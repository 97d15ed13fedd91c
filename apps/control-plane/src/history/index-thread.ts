import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { HistoryIndex } from './history-index.js';
import type { Answer, Method, Question } from './messages.js';

/** The index's methods, answered later and from elsewhere. */
export type RemoteIndex = {
  readonly [Key in Method]: (
    ...given: Parameters<HistoryIndex[Key]>
  ) => Promise<Awaited<ReturnType<HistoryIndex[Key]>>>;
};

/** Opens the index on a thread of its own. Throws when the file can't be used. */
export async function openIndexThread(file: string): Promise<RemoteIndex> {
  if (import.meta.url.endsWith('.ts')) return onThisThread(new HistoryIndex(file)); // a thread can't run our sources
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: file });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  let ended: Error | undefined;
  const end = (error: Error): void => {
    ended ??= error;
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  };
  worker.on('message', (answer: Answer) => {
    const one = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('error' in answer) one?.reject(new Error(answer.error));
    else one?.resolve(answer.value);
  });
  worker.on('error', (error: unknown) => end(error instanceof Error ? error : new Error(String(error))));
  worker.on('exit', () => end(new Error('the history is closed')));
  const ask = (method: Method, given: readonly unknown[]): Promise<unknown> => {
    if (ended) return Promise.reject(ended);
    const id = ++lastId;
    const one = Promise.withResolvers<unknown>();
    waiting.set(id, one);
    worker.postMessage({ id, method, given } satisfies Question);
    return one.promise;
  };
  const remote = remoteWith(ask);
  await Promise.race([once(worker, 'online'), once(worker, 'exit')]);
  await remote.end();
  return remote;
}

const onThisThread = (index: HistoryIndex): RemoteIndex =>
  remoteWith(async (method, given) => (index[method] as (...all: readonly unknown[]) => unknown)(...given));

const METHODS = [
  'end',
  'take',
  'commit',
  'find',
  'positionAt',
  'survivors',
  'records',
  'touching',
  'snapshot',
  'startingPoint',
  'noteReceipts',
  'receiptsFrom',
  'reset',
  'close',
] as const satisfies readonly Method[];

const remoteWith = (ask: (method: Method, given: readonly unknown[]) => Promise<unknown>): RemoteIndex =>
  Object.fromEntries(
    METHODS.map((method) => [method, (...given: readonly unknown[]) => ask(method, given)]),
  ) as unknown as RemoteIndex;

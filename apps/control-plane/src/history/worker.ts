import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { HistoryIndex } from './history-index.js';
import type { Answer, Question } from './messages.js';

// A thread of its own: reading a million events must not keep a command waiting.
const port = parentPort;
if (!port) throw new Error('history/worker runs as a worker thread only');
// On Linux that is of this thread alone (setpriority(2), "C library/kernel differences"): commands go before.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_LOW);
const index = new HistoryIndex(String(workerData));
port.on('message', ({ id, method, given }: Question) => {
  port.postMessage(answerTo(id, () => (index[method] as (...all: readonly unknown[]) => unknown)(...given)));
  if (method === 'close') port.close();
});

function answerTo(id: number, ask: () => unknown): Answer {
  try {
    return { id, value: ask() };
  } catch (error) {
    return { id, error: error instanceof Error ? `${error.message}${causeOf(error)}` : String(error) };
  }
}

const causeOf = ({ cause }: Error): string => (cause instanceof Error ? `: ${cause.message}` : '');

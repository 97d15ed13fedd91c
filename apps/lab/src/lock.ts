import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { LabError } from './errors.js';
import { DIRECTORY } from './paths.js';
import { liveRecord } from './record.js';

/** In the abstract namespace of Unix sockets: nobody can hold it but a living process. */
const NAME = '\0rampart-lab';

/** Fails when this checkout has a lab already. */
export function assertNoLabHere(): void {
  const record = liveRecord();
  if (record)
    throw new LabError(
      `a lab is running here already (process ${record.lab.pid}, ${record.endpoint}): ` +
        'look at it with `rampart lab status`, end it with `rampart lab down`',
    );
}

/**
 * The names of namespaces are the machine's, so there is one lab of root's on each; fails when there is one. Others
 * make no namespaces, and need no lock.
 */
export async function lockMachine(): Promise<AsyncDisposable> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const server = createServer((asking) => asking.end(`process ${process.pid}, in ${DIRECTORY}`));
  server.unref();
  server.listen(NAME);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new LabError(`another lab is running on this machine: ${await holder()}; end that one first`);
  }
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}

const holder = (): Promise<string> => text(connect(NAME)).catch(() => 'it is just ending');

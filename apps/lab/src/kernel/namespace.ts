import { closeSync, openSync } from 'node:fs';
import { checked, CLONE_NEWNET, libc } from './libc.js';

export const NAMESPACES = '/run/netns';

export const namespaceOf = (name: string): string => `rampart-${name}`;

/**
 * Does something inside a network namespace. A namespace belongs to the thread, so the work must not wait for
 * anything: this thread visits the other namespace and is back before anything else runs on it.
 */
export function inNamespace<Result>(namespace: string, work: () => Result): Result {
  const own = openSync('/proc/thread-self/ns/net', 'r');
  const there = openSync(`${NAMESPACES}/${namespace}`, 'r');
  try {
    checked(`setns ${namespace}`, libc().setns(there, CLONE_NEWNET));
    try {
      return work();
    } finally {
      // Going on in the wrong namespace would be worse than ending.
      if (libc().setns(own, CLONE_NEWNET) < 0) process.abort();
    }
  } finally {
    closeSync(there);
    closeSync(own);
  }
}

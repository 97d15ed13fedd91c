import { existsSync } from 'node:fs';
import { sqliteFileIn, STORE_ADDRESS, withoutPassword } from '#libs/event-store';
import type { Flag, Given } from '../../flags.js';
import type { Terminal } from '../../terminal.js';
import { UsageError } from '../../usage-error.js';

export const LOG_FLAGS: readonly Flag[] = [
  {
    flags: '--log <address>',
    says: "where the log is, sqlite:FILE, or jetstream:nats://… as the control plane has it; else RAMPART_LOG's",
  },
];

/** The address of the log that is meant. */
export function logIn(given: Given, { environment }: Terminal): string {
  const address = given.one('--log') ?? environment['RAMPART_LOG'];
  if (address === undefined)
    throw new UsageError('which log? Give --log sqlite:FILE, or another address, or set RAMPART_LOG');
  if (address === 'memory' || !STORE_ADDRESS.test(address))
    throw new UsageError(
      `'${withoutPassword(address)}' is no log that can be opened from here: use sqlite:FILE, or an address in JetStream or KurrentDB`,
    );
  return address;
}

/** The same of a log that must be there: a file is made when it is opened. */
export function existingLogIn(given: Given, terminal: Terminal): string {
  const address = logIn(given, terminal);
  const file = sqliteFileIn(address);
  if (file === undefined || existsSync(file)) return address;
  throw new UsageError(`there is no log at ${file}: check --log`);
}

import { connectionFrom } from '../connection/connection.js';
import { askRampart } from '../connection/native.js';
import { waitIn } from '../enforcement.js';
import { UsageError } from '../usage-error.js';
import { show, type Answer } from './apply/answer.js';
import type { RampartCommand } from './command.js';

export const UNDO_FLAGS = [
  { flags: '--dry-run', says: 'show what would open and close for which instances, and change nothing' },
  { flags: '--json', says: 'print JSON' },
] as const;

export const revert: RampartCommand = {
  summary: 'Undoes a change, by the position of one of its events or by its request; see rampart audit.',
  operands: '<change>',
  changes: true,
  flags: UNDO_FLAGS,
  examples: [], // they would need a change that is there
  run: async (given, terminal) => {
    const [change = ''] = given.operands;
    if (!/^[0-9a-zA-Z-]{1,64}$/.test(change))
      throw new UsageError(`'${change}' is no position in the log and no id of a request`);
    const which = /^[0-9]{1,15}$/.test(change) ? { position: Number(change) } : { request: change };
    const delay = Number(waitIn(given) ?? 0);
    const body = JSON.stringify({ ...which, dryRun: given.has('--dry-run'), wait: delay });
    const asked = { method: 'POST', body, delay } as const;
    return show(
      await askRampart<Answer>(connectionFrom(given, terminal), '/v1/reversions', asked),
      given,
      terminal,
    );
  },
};

import { connectionFrom } from '../../connection/connection.js';
import { askRampart } from '../../connection/native.js';
import { waitIn } from '../../enforcement.js';
import type { Given } from '../../flags.js';
import { UsageError } from '../../usage-error.js';
import type { RampartCommand } from '../command.js';
import { show, type Answer } from './answer.js';
import { readChangeSet } from './change-set-file.js';

export const apply: RampartCommand = {
  summary:
    'Applies the changes in a JSON file as one, all of them or none; docs/change-sets.md has an example.',
  operands: '<file>',
  completes: 'file',
  changes: true,
  flags: [
    { flags: '--dry-run', says: 'show what would open and close for which instances, and change nothing' },
    {
      flags: '--expect <position>',
      says: 'refuse when one of the groups was changed after this position of the log',
    },
    { flags: '--json', says: 'print JSON' },
  ],
  examples: [], // they would need files
  run: async (given, terminal) => {
    const [file = ''] = given.operands;
    const wait = waitIn(given);
    const delay = Number(wait ?? 0);
    const changeSet = { ...(await readChangeSet(file, terminal)), ...expectedFrom(given) };
    const dryRun = given.has('--dry-run');
    const answer = await askRampart<Answer>(connectionFrom(given, terminal), '/v1/change-sets', {
      method: 'POST',
      body: JSON.stringify({ ...changeSet, dryRun, wait: delay }),
      delay,
    });
    return show(answer, given, terminal);
  },
};

function expectedFrom(given: Given): { readonly expected?: number } {
  const text = given.one('--expect');
  if (text === undefined) return {};
  if (!/^[0-9]{1,15}$/.test(text)) throw new UsageError(`--expect '${text}' is no position in the log`);
  return { expected: Number(text) };
}

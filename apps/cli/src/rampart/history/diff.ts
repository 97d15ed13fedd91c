import { connectionFrom } from '../../connection/connection.js';
import { askRampart } from '../../connection/native.js';
import { UsageError } from '../../usage-error.js';
import type { RampartCommand } from '../command.js';
import { differencesText, type DifferencesView } from './differences-text.js';
import { ACCOUNT_FLAG, withQuery } from './asked.js';

export const diff: RampartCommand = {
  summary: 'Says what was opened, closed and called otherwise between two moments, and by whom.',
  operands: '',
  flags: [
    {
      flags: '--from <moment>',
      says: 'a position of the log, a time as 2026-11-25T17:30:00Z, or how long ago as 10m, 2h, 3d',
    },
    { flags: '--to <moment>', says: 'the same; now unless given' },
    { flags: '--group <group>', says: 'only what has to do with it', completes: 'group' },
    { flags: '--instance <instance>', says: 'only what has to do with it', completes: 'instance' },
    { flags: '--limit <number>', says: 'how many changes, 1000 unless it is given' },
    ACCOUNT_FLAG,
    { flags: '--json', says: 'print JSON' },
  ],
  examples: [
    ['--from 1h', 'what has changed in the last hour'],
    ['--from 3d --group MySQL', 'what has changed for MySQL in three days'],
    ['--from 0 --json', 'all that there is, as changes of nothing'],
  ],
  run: async (given, terminal) => {
    const from = given.one('--from');
    if (from === undefined) throw new UsageError('--from is missing: give a moment, such as --from 1h');
    const path = withQuery('/v1/diff', {
      from,
      to: given.one('--to'),
      group: given.one('--group'),
      instance: given.one('--instance'),
      limit: given.one('--limit'),
      account: given.one('--account'),
    });
    const answer = await askRampart<DifferencesView>(connectionFrom(given, terminal), path);
    terminal.out(given.has('--json') ? `${JSON.stringify(answer, undefined, 2)}\n` : differencesText(answer));
  },
};

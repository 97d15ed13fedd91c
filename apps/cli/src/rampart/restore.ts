import { connectionFrom } from '../connection/connection.js';
import { askRampart } from '../connection/native.js';
import { waitIn } from '../enforcement.js';
import { AT_FLAG } from '../past.js';
import { UsageError } from '../usage-error.js';
import { show, type Answer } from './apply/answer.js';
import type { RampartCommand } from './command.js';
import { UNDO_FLAGS } from './revert.js';

export const restore: RampartCommand = {
  summary:
    'Makes a group what it was: its rules, their descriptions, its tags; one that is gone comes back under a new id.',
  operands: '<group>',
  changes: true,
  flags: [AT_FLAG, ...UNDO_FLAGS],
  examples: [], // they would need a past
  run: async (given, terminal) => {
    const [group = ''] = given.operands;
    const at = given.one('--at');
    if (at === undefined) throw new UsageError('say what to go back to: --at 1h, a time, or a log position');
    const delay = Number(waitIn(given) ?? 0);
    const body = JSON.stringify({ group, at, dryRun: given.has('--dry-run'), wait: delay });
    const asked = { method: 'POST', body, delay } as const;
    return show(
      await askRampart<Answer>(connectionFrom(given, terminal), '/v1/restorations', asked),
      given,
      terminal,
    );
  },
};

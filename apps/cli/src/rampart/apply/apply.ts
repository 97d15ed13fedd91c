import type { Effect, Event } from '#libs/domain';
import { connectionFrom } from '../../connection/connection.js';
import { askRampart } from '../../connection/native.js';
import { waitIn } from '../../enforcement.js';
import type { Given } from '../../flags.js';
import { textOf, type Row } from '../../rows.js';
import type { ExitStatus, Terminal } from '../../terminal.js';
import { UsageError } from '../../usage-error.js';
import type { RampartCommand } from '../command.js';
import { enforcementFrom, type Receipt } from '../receipt.js';
import { readChangeSet } from './change-set-file.js';
import { effectText } from './effect-text.js';

type Answer = DryRun | Applied;

interface DryRun {
  readonly dryRun: true;
  readonly effect: Effect;
}

interface Applied {
  readonly dryRun?: undefined;
  readonly events: readonly Event[];
  readonly position: number;
  /** When it was waited for. */
  readonly receipt?: Receipt;
}

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
    if (given.has('--json')) terminal.out(`${JSON.stringify(answer, undefined, 2)}\n`);
    return answer.dryRun ? showEffect(answer, given, terminal) : showReceipt(answer, given, terminal);
  },
};

function expectedFrom(given: Given): { readonly expected?: number } {
  const text = given.one('--expect');
  if (text === undefined) return {};
  if (!/^[0-9]{1,15}$/.test(text)) throw new UsageError(`--expect '${text}' is no position in the log`);
  return { expected: Number(text) };
}

function showEffect({ effect }: DryRun, given: Given, { out }: Terminal): ExitStatus {
  if (!given.has('--json')) out(effectText(effect));
  return 0;
}

function showReceipt(
  { events, position, receipt }: Applied,
  given: Given,
  { out, err }: Terminal,
): ExitStatus {
  const enforcement = enforcementFrom(position, receipt, waitIn(given));
  const applied: Row = ['APPLIED', String(position), `${events.length} events`];
  const rows = enforcement ? [applied, enforcement.row] : [applied];
  if (!given.has('--json')) out(textOf(rows, { showEmptyFields: false }));
  if (!enforcement?.complaint) return 0;
  err(`rampart: ${enforcement.complaint}\n`);
  return 1;
}

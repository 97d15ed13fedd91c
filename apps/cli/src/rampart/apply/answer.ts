import type { Effect, Event } from '#libs/domain';
import { waitIn } from '../../enforcement.js';
import type { Given } from '../../flags.js';
import { textOf, type Row } from '../../rows.js';
import type { ExitStatus, Terminal } from '../../terminal.js';
import { enforcementFrom, type Receipt } from '../receipt.js';
import { doneText, wouldText } from './deeds-text.js';
import { effectText } from './effect-text.js';

/** What a change set led to, or would. */
export type Answer = DryRun | Applied;

interface DryRun {
  readonly dryRun: true;
  readonly events: readonly Event[];
  readonly effect: Effect;
}

interface Applied {
  readonly dryRun?: undefined;
  readonly events: readonly Event[];
  readonly position: number;
  /** When it was waited for. */
  readonly receipt?: Receipt;
}

/** As JSON, or as people read it. */
export function show(answer: Answer, given: Given, terminal: Terminal): ExitStatus {
  if (given.has('--json')) terminal.out(`${JSON.stringify(answer, undefined, 2)}\n`);
  return answer.dryRun ? showEffect(answer, given, terminal) : showReceipt(answer, given, terminal);
}

function showEffect({ events, effect }: DryRun, given: Given, { out }: Terminal): ExitStatus {
  if (!given.has('--json')) out(wouldText(events, effect) + effectText(effect));
  return 0;
}

function showReceipt(
  { events, position, receipt }: Applied,
  given: Given,
  { out, err }: Terminal,
): ExitStatus {
  const enforcement = enforcementFrom(position, receipt, waitIn(given));
  const applied: Row = ['APPLIED', String(position), doneText(events)];
  const rows = enforcement ? [applied, enforcement.row] : [applied];
  if (!given.has('--json')) out(textOf(rows, { showEmptyFields: false }));
  if (!enforcement?.complaint) return 0;
  err(`rampart: ${enforcement.complaint}\n`);
  return 1;
}

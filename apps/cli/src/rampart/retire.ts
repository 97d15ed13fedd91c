import { connectionFrom } from '../connection/connection.js';
import { askRampart } from '../connection/native.js';
import { enforcementOf, waitIn, type Progress } from '../enforcement.js';
import { textOf, type Row } from '../rows.js';
import type { RampartCommand } from './command.js';

interface Receipt extends Pick<Progress, 'enforced' | 'concerned' | 'milliseconds'> {
  readonly retired: number;
  readonly laggards: readonly { readonly hostId: string; readonly state: string; readonly reason?: string }[];
}

interface Retirement {
  readonly position: number;
  /** When it was waited for. */
  readonly receipt?: Receipt;
}

/** An operator's word; what the host's kernel holds stays as it is. */
export const retire: RampartCommand = {
  summary: 'Says that a host comes no more, so that no change waits for it; only for operators.',
  operands: '<host>',
  completes: 'host',
  flags: [],
  changes: true,
  examples: [],
  run: async (given, terminal) => {
    const [host = ''] = given.operands;
    const seconds = waitIn(given);
    const wait = seconds === undefined ? '' : `?wait=${seconds}`;
    const path = `/v1/hosts/${encodeURIComponent(host)}${wait}`;
    const { position, receipt } = await askRampart<Retirement>(
      connectionFrom(given, terminal),
      path,
      'DELETE',
      seconds,
    );
    const enforcement =
      seconds === undefined ? undefined : enforcementOf(progressOf(position, receipt), seconds);
    const rows: Row[] = [['RETIRED', host, String(position)], ...(enforcement ? [enforcement.row] : [])];
    terminal.out(textOf(rows, { showEmptyFields: false }));
    if (!enforcement?.complaint) return 0;
    terminal.err(`rampart: ${enforcement.complaint}\n`);
    return 1;
  },
};

const progressOf = (position: number, receipt: Receipt | undefined): Progress | undefined =>
  receipt && {
    ...receipt,
    position,
    concerned: receipt.concerned - receipt.retired,
    laggards: receipt.laggards
      .map(({ hostId, state, reason }) => [hostId, state, reason].filter(Boolean).join(' '))
      .join('; '),
  };

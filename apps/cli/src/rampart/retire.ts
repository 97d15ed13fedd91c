import { connectionFrom, type Connection } from '../connection/connection.js';
import { askRampart } from '../connection/native.js';
import { waitIn } from '../enforcement.js';
import { textOf, type Row } from '../rows.js';
import type { RampartCommand } from './command.js';
import { fetchHosts } from './hosts.js';
import { enforcementFrom, type Receipt } from './receipt.js';

interface Retirement {
  readonly position: number;
  /** When it was waited for. */
  readonly receipt?: Receipt;
}

/** Agents report at least every ten seconds. */
const ALIVE_MS = 30_000;

async function livesOn(hostId: string, connection: Connection): Promise<boolean> {
  const { lastReportAt } = (await fetchHosts(connection)).find((one) => one.hostId === hostId) ?? {};
  return lastReportAt !== undefined && Date.now() - Date.parse(lastReportAt) < ALIVE_MS;
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
    const connection = connectionFrom(given, terminal);
    const isAlive = await livesOn(host, connection);
    const { position, receipt } = await askRampart<Retirement>(connection, path, {
      method: 'DELETE',
      delay: Number(seconds ?? 0),
    });
    const enforcement = enforcementFrom(position, receipt, seconds);
    const rows: Row[] = [['RETIRED', host, String(position)], ...(enforcement ? [enforcement.row] : [])];
    terminal.out(textOf(rows, { showEmptyFields: false }));
    if (isAlive)
      terminal.err(
        `rampart: the agent of ${host} has just reported: ${host} comes back unless it is stopped\n`,
      );
    if (!enforcement?.complaint) return 0;
    terminal.err(`rampart: ${enforcement.complaint}\n`);
    return 1;
  },
};

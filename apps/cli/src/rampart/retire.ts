import { connectionFrom } from '../connection/connection.js';
import { askRampart } from '../connection/native.js';
import { UsageError } from '../usage-error.js';
import type { RampartCommand } from './command.js';

/** An operator's word; what the host's kernel holds stays as it is. */
export const retire: RampartCommand = {
  summary: 'Says that a host comes no more, so that no change waits for it; only for operators.',
  operands: '<host>',
  completes: 'host',
  flags: [],
  examples: [],
  run: async (given, terminal) => {
    const [host, ...more] = given.operands;
    if (host === undefined || more.length > 0) throw new UsageError('name one host');
    const path = `/v1/hosts/${encodeURIComponent(host)}`;
    const { position } = await askRampart<{ readonly position: number }>(
      connectionFrom(given, terminal),
      path,
      'DELETE',
    );
    terminal.out(`RETIRED\t${host}\t${position}\n`);
  },
};

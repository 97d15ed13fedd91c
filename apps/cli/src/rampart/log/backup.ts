import { backUpSqlite, sqliteFileIn, withoutPassword } from '#libs/event-store';
import { UsageError } from '../../usage-error.js';
import type { LogCommand } from './log-command.js';
import { fileTrouble } from './file-trouble.js';
import { progressOf } from './progress.js';
import { existingLogIn } from './where.js';

export const backup: LogCommand = {
  summary: 'Copies a log that may be in use, as it is at one moment. Nobody waits for it.',
  operands: '<file>',
  completes: 'file',
  flags: [],
  examples: [['/backup/rampart-$(date +%F).db', 'a new file, which `rampart log verify` can check']],
  run: async (given, terminal) => {
    const address = existingLogIn(given, terminal);
    const [target = ''] = given.operands;
    const file = sqliteFileIn(address);
    if (file === undefined)
      throw new UsageError(`backup is for sqlite:FILE; of ${withoutPassword(address)}, make an export`);
    const progress = progressOf(terminal, 'pages left');
    await backUpSqlite(file, target, (left) => progress(left)).catch((error: unknown) => {
      throw fileTrouble(error, target, 'written');
    });
    terminal.out(`BACKUP\t${target}\n`);
    return 0;
  },
};

import { checkSqlite, openEventStore, sqliteFileIn } from '#libs/event-store';
import { ChainWalk } from '#libs/protocol';
import type { LogCommand } from './log-command.js';
import { progressOf } from './progress.js';

/** Exit status 1 when something is wrong, which is named. */
export const verify: LogCommand = {
  summary: 'Checks that no event of a log was edited, removed or swapped, and that its file is sound.',
  operands: '',
  flags: [
    {
      flags: '--head <hash>',
      says: 'the hash that the log must end with, or have passed: noted earlier, elsewhere',
    },
  ],
  examples: [
    ['--log sqlite:/var/lib/rampart/log.db', 'walks the chain of hashes from the first event to the last'],
    ['--head 3f…', 'also finds that the log was written anew since that hash was noted'],
  ],
  run: async (given, address, terminal) => {
    const file = sqliteFileIn(address);
    const faults = file === undefined ? [] : checkSqlite(file);
    if (faults.length > 0) {
      terminal.err(`${address} is damaged: ${faults.slice(0, 3).join('; ')}\n`);
      return 1;
    }
    const wanted = given.one('--head');
    let isPassed = wanted === undefined;
    const walk = new ChainWalk();
    const progress = progressOf(terminal, 'verified');
    await using store = await openEventStore(address);
    for await (const page of store.read(0)) {
      for (const { text } of page) {
        const broken = walk.follow(text);
        if (broken) {
          terminal.err(`event ${broken.position}: ${broken.problem}\n`);
          return 1;
        }
        isPassed ||= walk.end.hash === wanted;
      }
      progress(walk.end.position);
    }
    const { position, hash } = walk.end;
    if (!isPassed) {
      terminal.err(
        `no event of the log has the hash ${String(wanted)}: it was written anew since that was noted\n`,
      );
      return 1;
    }
    terminal.out(`WHOLE\t${position}\t${hash}\n`);
    return 0;
  },
};

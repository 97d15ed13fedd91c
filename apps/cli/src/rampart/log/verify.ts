import { checkSqlite, openEventStore, sqliteFileIn } from '#libs/event-store';
import { ChainWalk } from '#libs/protocol';
import type { Given } from '../../flags.js';
import { UsageError } from '../../usage-error.js';
import type { LogCommand } from './log-command.js';
import { NotedHeads, readHeads } from './noted-heads.js';
import { progressOf } from './progress.js';
import { logIn } from './where.js';

/** Exit status 1 when something is wrong, which is named. */
export const verify: LogCommand = {
  summary: 'Checks that no event of a log was edited, removed or swapped, and that its file is sound.',
  operands: '',
  flags: [
    {
      flags: '--head <hash>',
      says: 'the hash that the log must end with, or have passed: noted earlier, elsewhere',
    },
    {
      flags: '--heads <file>',
      says: 'signed heads that the log must have passed, one a line; needs --key',
      completes: 'file',
    },
    {
      flags: '--key <file>',
      says: 'a key that signed them, as PEM; its public half is enough',
      repeatable: true,
      completes: 'file',
    },
  ],
  examples: [
    ['--log sqlite:/var/lib/rampart/log.db', 'walks the chain of hashes from the first event to the last'],
    ['--head 3f…', 'also finds that the log was written anew since that hash was noted'],
    ['--heads heads.jsonl --key signing-key.pem.pub', 'the same of all that was signed, and by whom'],
  ],
  run: async (given, terminal) => {
    const address = logIn(given, terminal);
    const complain = (problem: string): 1 => {
      terminal.err(`${problem}\n`);
      return 1;
    };
    const heads = await headsIn(given);
    const file = sqliteFileIn(address);
    const faults = file === undefined ? [] : checkSqlite(file);
    if (faults.length > 0) return complain(`${address} is damaged: ${faults.slice(0, 3).join('; ')}`);
    const wanted = given.one('--head');
    let isPassed = wanted === undefined;
    const walk = new ChainWalk();
    const progress = progressOf(terminal, 'verified');
    await using store = await openEventStore(address);
    for await (const page of store.read(0)) {
      for (const { text } of page) {
        const broken = walk.follow(text);
        if (broken) return complain(`event ${broken.position}: ${broken.problem}`);
        const contradiction = heads.meet(walk.end);
        if (contradiction !== undefined) return complain(contradiction);
        isPassed ||= walk.end.hash === wanted;
      }
      progress(walk.end.position);
    }
    const { position, hash } = walk.end;
    const missing = heads.beyond(walk.end);
    if (missing !== undefined) return complain(missing);
    if (!isPassed)
      return complain(
        `no event of the log has the hash ${String(wanted)}: it was written anew since that was noted`,
      );
    terminal.out(
      `WHOLE\t${position}\t${hash}\n${heads.size > 0 ? `SIGNED\t${heads.size} head${heads.size === 1 ? '' : 's'}\n` : ''}`,
    );
    return 0;
  },
};

async function headsIn(given: Given): Promise<NotedHeads> {
  const [file, keys] = [given.one('--heads'), given.many('--key')];
  if (file === undefined && keys.length === 0) return new NotedHeads([]);
  if (file === undefined || keys.length === 0)
    throw new UsageError('--heads and --key go together: the heads, and the key that they must be signed by');
  return readHeads(file, keys);
}

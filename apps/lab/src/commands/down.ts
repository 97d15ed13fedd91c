import { LabError } from '../errors.js';
import { lockMachine } from '../lock.js';
import { toTerminal } from '../output.js';
import { isAlive, signal } from '../process-mark.js';
import { liveRecord } from '../record.js';
import { hasLeftovers, tidy } from '../tidy.js';
import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 30_000;

/** Ends the lab, and waits until nothing of it is left. */
export async function down(): Promise<number> {
  const say = toTerminal();
  const record = liveRecord();
  if (!record) {
    // What another folder's living lab has is no leftover.
    await using _lock = await lockMachine();
    if (!hasLeftovers()) say('no lab is running here');
    else {
      await tidy();
      say('cleaned up after a lab that was killed');
    }
    return 0;
  }
  signal(record.lab, 'SIGTERM');
  for (let waited = 0; isAlive(record.lab); waited += 20) {
    if (waited > LIMIT_MS) throw new LabError(`the lab (process ${record.lab.pid}) does not end`);
    await sleep(20);
  }
  say('the lab is down');
  return 0;
}

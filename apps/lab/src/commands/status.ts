import { LabError } from '../errors.js';
import { toTerminal } from '../output.js';
import { isAlive } from '../process-mark.js';
import { liveRecord } from '../record.js';
import { tableOf } from '../table.js';

/** What the lab has; exit status 1 when there is none. */
export function status(asJson: boolean): number {
  const say = toTerminal();
  const record = liveRecord();
  if (!record) throw new LabError('no lab is running here: start one with `npm start`');
  if (asJson) say(JSON.stringify(record, undefined, 2));
  else {
    const packets = record.mode === 'kernel' ? 'real packets' : 'no packets, agents evaluate';
    say(`${record.ready ? 'up' : 'coming up'} at ${record.endpoint}, ${record.natsUrl} (${packets})\n`);
    say(tableOf(record));
    const processes = record.processes.map((one) => `${one.name} ${isAlive(one) ? one.pid : '(ended)'}`);
    say(`\nprocesses: ${processes.join(', ')}`);
  }
  return 0;
}

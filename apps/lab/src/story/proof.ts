import { LabError } from '../errors.js';
import { reaches } from '../reach/reach.js';
import { machineOf, type LabRecord } from '../record.js';

/** A packet that does not arrive is waited for this long. */
const PATIENCE_MS = 300;

/** Whether the story holds, tried with packets where there are any. */
export async function storyHolds(record: LabRecord): Promise<boolean> {
  const outcomes = await Promise.all([
    goes(record, 'internet', 'apache-1', 80),
    goes(record, 'apache-1', 'mysql-1', 3306),
    goes(record, 'internet', 'mysql-1', 3306),
  ]);
  return outcomes.join() === 'true,true,false';
}

function goes(record: LabRecord, from: string, to: string, port: number): Promise<boolean> {
  const [start, target] = [machineOf(record, from), machineOf(record, to)];
  if (!start || !target) throw new LabError(`${from} or ${to} is missing`);
  const journey = { from: start, to: target, trial: { protocol: 'tcp', port }, family: 4 } as const;
  return reaches(journey, record.natsUrl, PATIENCE_MS);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { LabError } from '../errors.js';
import type { AnyMachine } from '../machines.js';
import { liveRecord, machineOf, machinesOf, type LabRecord } from '../record.js';

/** An instance that has only just been launched is there in a moment. */
const PATIENCE_MS = 3_000;

export function theLab(): LabRecord {
  const record = liveRecord();
  if (!record) throw new LabError('no lab is running here: start one with `npm start`');
  return record;
}

/** By name or id. */
export async function find(called: string): Promise<AnyMachine> {
  for (let waited = 0; ; waited += 20) {
    const record = theLab();
    const found = machineOf(record, called);
    if (found) return found;
    if (!called.startsWith('i-') || waited > PATIENCE_MS) {
      const names = machinesOf(record).map(({ name }) => name);
      throw new LabError(`nothing here is called ${called}; there are ${names.join(', ')}`);
    }
    await sleep(20);
  }
}

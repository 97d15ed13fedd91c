import type { Command } from '#libs/domain';
import { openEventStore } from '#libs/event-store';
import { CommandLog } from '../../../apps/control-plane/src/log/command-log.js';
import { createGroup, openAccount } from '../../support/cell.js';
import type { Report } from '../report.js';
import { UNLIMITED } from '../support.js';

const IN_FLIGHT = [1, 16, 256];
const WARM_UP_MS = 500;
const request = { actor: { kind: 'system' }, requestId: 'bench' } as const;

/**
 * How fast commands become durable in the log at an address, which must be empty: one at a time, and with many clients that
 * each send their next command when the last is answered.
 */
export async function measureCommands(
  report: Report,
  where: string,
  address: string,
  milliseconds = 3000,
): Promise<void> {
  await using store = await openEventStore(address);
  const log = await CommandLog.open(store, [], { limits: UNLIMITED });
  const execute = async (command: object): Promise<void> => {
    const outcome = await log.handle(command as Command, request);
    if (!outcome.accepted) throw new Error(JSON.stringify(outcome.refusal));
  };
  await execute(openAccount());
  let groups = 0;
  for (const inFlight of IN_FLIGHT) {
    const latencies: number[] = [];
    const warm = performance.now() + WARM_UP_MS;
    const end = warm + milliseconds;
    const client = async (): Promise<void> => {
      for (let began = performance.now(); began < end; began = performance.now()) {
        await execute(createGroup(`group ${++groups}`));
        if (began >= warm) latencies.push(performance.now() - began);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, client));
    const name = `log on ${where}, ${inFlight} in flight`;
    report.add(`${name}: commands`, '1/s', [(latencies.length * 1000) / milliseconds]);
    report.add(`${name}: until durable`, 'ms', latencies);
  }
}

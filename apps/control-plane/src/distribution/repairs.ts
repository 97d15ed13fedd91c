import { Logger } from '@nestjs/common';
import type { Bus, BusMessage } from '#libs/bus';
import { parseHostId } from '#libs/domain';
import { driftSubject, type DriftReport } from '#libs/protocol';
import type { CommandHandler } from '../commands/command-handler.js';

/** Of what a host says it undid, so much is kept. */
const MOST_KEPT = 5;
const LONGEST = 200;

/** Puts into the log what hosts had to repair; a host asks until it is answered. */
export function recordRepairs(bus: Bus, commands: CommandHandler): void {
  const log = new Logger('repairs');
  bus.subscribe(
    driftSubject('*' as never),
    (message) =>
      void record(message, commands).catch((error: unknown) =>
        log.warn(`the repair told on ${message.subject} is not in the log: ${String(error)}`),
      ),
    { queue: 'control-plane' },
  );
}

async function record({ subject, text, respond }: BusMessage, commands: CommandHandler): Promise<void> {
  const hostId = parseHostId(subject.split('.').at(-1) ?? '');
  if (!hostId) return;
  const { operations, undone } = JSON.parse(text) as DriftReport;
  if (!Number.isSafeInteger(operations)) throw new TypeError('it names no number of operations');
  const command = {
    type: 'RecordRepair' as const,
    hostId,
    operations,
    undone: undone.slice(0, MOST_KEPT).map((line) => line.slice(0, LONGEST)),
  };
  const outcome = await commands.handle(command, {
    actor: { kind: 'host', hostId },
    requestId: `drift ${hostId}`,
  });
  respond(JSON.stringify({ accepted: outcome.accepted }));
}

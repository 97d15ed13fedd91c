import { Logger } from '@nestjs/common';
import { z } from 'zod';
import type { Bus, BusMessage } from '#libs/bus';
import { driftSubject } from '#libs/protocol';
import type { CommandHandler } from '../commands/command-handler.js';
import { checked } from '../commands/checked.js';
import { hostOf } from './host-of.js';

/** Of what a host says it undid, so much is kept. */
const MOST_KEPT = 5;
const LONGEST = 200;

const driftReport = z.object({
  operations: z.int().positive(),
  undone: z
    .array(z.string())
    .transform((lines) => lines.slice(0, MOST_KEPT).map((line) => line.slice(0, LONGEST))),
});

const log = new Logger('repairs');

/** Takes into the log what hosts tell of tables that somebody else changed. */
export function recordRepairs(bus: Bus, commands: CommandHandler): void {
  bus.subscribe(driftSubject('*' as never), (message) => void answer(message, commands), {
    queue: 'control-plane',
  });
}

/** Answered once it is durable, or refused; a host that hears nothing tells it again. */
async function answer(message: BusMessage, commands: CommandHandler): Promise<void> {
  const hostId = hostOf(message);
  try {
    if (!hostId) throw new Error('the subject ends in no host');
    const { value, complaint } = checked(driftReport, JSON.parse(message.text), { whole: 'the report' });
    if (complaint !== undefined) throw new Error(complaint);
    const { operations, undone } = value;
    const outcome = await commands.handle(
      { type: 'RecordRepair', hostId, operations, undone },
      { actor: { kind: 'host', hostId }, requestId: `drift ${hostId}` },
    );
    message.respond(JSON.stringify({ accepted: outcome.accepted }));
  } catch (error) {
    log.warn(`what came on ${message.subject} is not recorded: ${String(error)}`);
  }
}

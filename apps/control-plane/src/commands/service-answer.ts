import type { Command, Effect, Event, LogPosition, Refusal, Refused } from '#libs/domain';
import type { Receipts, WaitedReceipt } from '../receipts/receipts.js';
import type { CommandHandler, Request } from './command-handler.js';
import type { ServiceCommand } from './service-command.js';

/** What a service is told of a command that was understood. */
export type ServiceAnswer =
  | {
      readonly accepted: true;
      readonly position: LogPosition;
      readonly requestId: string;
      readonly events: readonly Event[];
      readonly receipt?: WaitedReceipt;
    }
  | {
      readonly accepted: true;
      readonly dryRun: true;
      readonly events: readonly Event[];
      readonly effect: Effect | undefined;
    }
  | ServiceRefusal;

/** `index` says which change of a change set is refused. */
export type ServiceRefusal = { readonly accepted: false; readonly index?: number } & (
  Refusal | { readonly code: 'Unavailable'; readonly message: string }
);

/** Carries out what a service asks for, or only says what it would lead to. */
export async function answerTo(
  wish: Extract<ServiceCommand, { understood: true }>,
  request: Request,
  commands: CommandHandler,
  receipts: Receipts,
): Promise<ServiceAnswer> {
  if (wish.isDryRun) return preview(wish.command, commands);
  const outcome = await commands.handle(wish.command, request).catch((error: Error) => error);
  if (outcome instanceof Error) return { accepted: false, code: 'Unavailable', message: outcome.message };
  if (!outcome.accepted) return refused(outcome);
  const { position } = outcome;
  const events = outcome.events.map(({ event }) => event);
  const answer = { accepted: true, position, requestId: request.requestId, events } as const;
  return wish.waitMilliseconds > 0
    ? { ...answer, receipt: await receipts.wait(position, wish.waitMilliseconds) }
    : answer;
}

/** The ids of what would be made are not those that it will have. */
function preview(command: Command, commands: CommandHandler): ServiceAnswer {
  const decision = commands.preview(command);
  if (!decision.accepted) return refused(decision);
  const { events } = decision;
  return { accepted: true, dryRun: true, events, effect: commands.effectOf(events) };
}

const refused = ({ refusal, index }: Refused): ServiceRefusal => ({
  accepted: false,
  ...(index === undefined ? {} : { index }),
  ...refusal,
});

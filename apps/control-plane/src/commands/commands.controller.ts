import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, NatsContext, Payload } from '@nestjs/microservices';
import { parseAccountId } from '#libs/domain';
import { commandSubject, ec2ErrorFrom } from '#libs/protocol';
import { Receipts } from '../receipts/receipts.js';
import { RefusalLog } from '../refusals/refusal-log.js';
import { CommandHandler, type Request } from './command-handler.js';
import { answerTo } from './service-answer.js';
import { parseServiceCommand } from './service-command.js';

/** Commands by request/reply over NATS. Whose they are is in the subject, and NATS's permissions guard that. */
@Controller()
export class CommandsController {
  readonly #commands: CommandHandler;
  readonly #receipts: Receipts;
  readonly #refusals: RefusalLog;

  constructor(
    @Inject(CommandHandler) commands: CommandHandler,
    @Inject(Receipts) receipts: Receipts,
    @Inject(RefusalLog) refusals: RefusalLog,
  ) {
    this.#refusals = refusals;
    this.#commands = commands;
    this.#receipts = receipts;
  }

  @MessagePattern<string>(commandSubject('*' as never))
  async receive(@Payload() body: unknown, @Ctx() context: NatsContext): Promise<object> {
    const arrived = performance.now();
    const accountId = parseAccountId(context.getSubject().split('.').at(-1) ?? '');
    if (!accountId)
      return { accepted: false, code: 'AccountMalformed', message: 'the subject ends in no account id' };
    const request = { actor: { kind: 'account', accountId }, requestId: randomUUID(), arrived } as const;
    const wish = parseServiceCommand(body, accountId);
    if (!wish.understood) {
      const { message } = wish;
      const { type, isDryRun } = seenIn(body);
      if (!isDryRun) this.#note(type, request, 'CommandMalformed', message);
      return { accepted: false, code: 'CommandMalformed', message };
    }
    const answer = await answerTo(wish, request, this.#commands, this.#receipts);
    if (!answer.accepted && answer.code !== 'Unavailable' && !wish.isDryRun)
      this.#note(wish.command.type, request, answer.code, ec2ErrorFrom(answer).message);
    return answer;
  }

  #note(action: string, { actor, requestId }: Request, code: string, message: string): void {
    this.#refusals.note({ edge: 'nats', action, actor, requestId, code, message });
  }
}

/** What a command that is not understood calls itself, and whether it only looks. */
function seenIn(body: unknown): { readonly type: string; readonly isDryRun: boolean } {
  const { type, dryRun } = Object(body) as { readonly type?: unknown; readonly dryRun?: unknown };
  return { type: typeof type === 'string' ? type : '', isDryRun: dryRun === true };
}

import { randomUUID } from 'node:crypto';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, MessagePattern, NatsContext, Payload } from '@nestjs/microservices';
import { parseAccountId } from '#libs/domain';
import { commandSubject } from '#libs/protocol';
import { Receipts } from '../receipts/receipts.js';
import { CommandHandler } from './command-handler.js';
import { answerTo } from './service-answer.js';
import { parseServiceCommand } from './service-command.js';

/** Commands by request/reply over NATS. Whose they are is in the subject, and NATS's permissions guard that. */
@Controller()
export class CommandsController {
  readonly #commands: CommandHandler;
  readonly #receipts: Receipts;

  constructor(@Inject(CommandHandler) commands: CommandHandler, @Inject(Receipts) receipts: Receipts) {
    this.#commands = commands;
    this.#receipts = receipts;
  }

  @MessagePattern<string>(commandSubject('*' as never))
  async receive(@Payload() body: unknown, @Ctx() context: NatsContext): Promise<object> {
    const arrived = performance.now();
    const accountId = parseAccountId(context.getSubject().split('.').at(-1) ?? '');
    if (!accountId)
      return { accepted: false, code: 'AccountMalformed', message: 'the subject ends in no account id' };
    const wish = parseServiceCommand(body, accountId);
    if (!wish.understood) return { accepted: false, code: 'CommandMalformed', message: wish.message };
    const request = { actor: { kind: 'account', accountId }, requestId: randomUUID(), arrived } as const;
    return answerTo(wish, request, this.#commands, this.#receipts);
  }
}

import { randomUUID } from 'node:crypto';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { z } from 'zod';
import { ec2ErrorFrom } from '#libs/protocol';
import { AccessKeys } from '../accounts/access-keys.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { CommandHandler } from '../commands/command-handler.js';
import { answerTo, type ServiceRefusal } from '../commands/service-answer.js';
import { parseServiceCommand } from '../commands/service-command.js';
import { Receipts } from '../receipts/receipts.js';
import type { appliedChangeSet } from './change-set-shapes.js';
import { callerOf, Problem } from './problem.js';

/** Changes of several groups as one commit, written as the commands of services are. */
@Controller('v1/change-sets')
export class ChangeSetsController {
  readonly #commands: CommandHandler;
  readonly #receipts: Receipts;
  readonly #keys: AccessKeys;

  constructor(
    @Inject(CommandHandler) commands: CommandHandler,
    @Inject(Receipts) receipts: Receipts,
    @Inject(AccessKeys) keys: AccessKeys,
  ) {
    this.#commands = commands;
    this.#receipts = receipts;
    this.#keys = keys;
  }

  @Post()
  @HttpCode(200)
  async apply(@Req() request: HttpRequest): Promise<z.output<typeof appliedChangeSet>> {
    const arrived = performance.now();
    const { accountId, accessKeyId } = callerOf(request, this.#keys);
    const wish = parseServiceCommand({ ...jsonOf(request), type: 'ApplyChangeSet' }, accountId);
    if (!wish.understood) throw new Problem(400, 'ChangeSetMalformed', wish.message);
    const actor = { kind: 'account', accountId, accessKeyId } as const;
    const asked = { actor, requestId: randomUUID(), arrived };
    const answer = await answerTo(wish, asked, this.#commands, this.#receipts);
    if (!answer.accepted) throw problemFrom(answer);
    return { ...answer, events: answer.events.map((event) => ({ ...event })) };
  }
}

function jsonOf({ body }: HttpRequest): object {
  const hint = 'send a JSON object such as {"changes": [{"type": "DeleteGroup", "group": "web"}]}';
  let json: unknown;
  try {
    json = JSON.parse(String(body ?? ''));
  } catch (error) {
    throw new Problem(400, 'ChangeSetMalformed', `the body is no JSON: ${(error as Error).message}; ${hint}`);
  }
  if (json instanceof Object && !Array.isArray(json)) return json;
  throw new Problem(400, 'ChangeSetMalformed', `the body is no JSON object: ${hint}`);
}

function problemFrom(refusal: ServiceRefusal): Problem {
  if (refusal.code === 'Unavailable') return new Problem(503, refusal.code, `${refusal.message}; try again`);
  const where = refusal.index === undefined ? '' : `changes.${refusal.index}: `;
  return new Problem(409, refusal.code, where + ec2ErrorFrom(refusal).message, refusal);
}

import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { z } from 'zod';
import { AccessKeys } from '../accounts/access-keys.js';
import { actorOf, addressOf } from '../accounts/actor.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { CommandHandler } from '../commands/command-handler.js';
import { parseChangeSet } from '../commands/service-command.js';
import { Receipts } from '../receipts/receipts.js';
import { applied, jsonOf } from './applied.js';
import type { appliedChangeSet } from './change-set-shapes.js';
import { callerOf, Problem } from './problem.js';

const HINT = '{"changes": [{"type": "DeleteGroup", "group": "web"}]}';

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
    const key = callerOf(request, this.#keys);
    const wish = parseChangeSet(jsonOf(request, HINT), key.accountId);
    if (!wish.understood) throw new Problem(400, 'ChangeSetMalformed', wish.message);
    const actor = actorOf(key, addressOf(request));
    return applied(wish, { actor, arrived }, this.#commands, this.#receipts);
  }
}

import { randomUUID } from 'node:crypto';
import { Controller, Delete, Get, Inject, Param, Query, Req } from '@nestjs/common';
import type { z } from 'zod';
import { parseHostId, type LogPosition } from '#libs/domain';
import { Directory } from '#libs/projections';
import { AccessKeys } from '../accounts/access-keys.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { CommandHandler } from '../commands/command-handler.js';
import { ReceiptBoard } from '../receipts/receipt-board.js';
import { Receipts } from '../receipts/receipts.js';
import { askedFor, callerOf, operatorOf, Problem } from './problem.js';
import { waitQuery, type hosts, type retirement } from './shapes.js';

/** The hosts of the cell, and how far each has come. Signed as everything else, with the service `rampart`. */
@Controller('v1/hosts')
export class HostsController {
  readonly #directory: Directory;
  readonly #receipts: ReceiptBoard;
  readonly #keys: AccessKeys;
  readonly #commands: CommandHandler;

  constructor(
    @Inject(Directory) directory: Directory,
    @Inject(Receipts) receipts: ReceiptBoard,
    @Inject(AccessKeys) keys: AccessKeys,
    @Inject(CommandHandler) commands: CommandHandler,
  ) {
    this.#directory = directory;
    this.#receipts = receipts;
    this.#keys = keys;
    this.#commands = commands;
  }

  /** An operator's word that a host comes no more; nobody waits for it then. */
  @Delete(':host')
  async retire(
    @Req() request: HttpRequest,
    @Param('host') text: string,
    @Query() query: unknown,
  ): Promise<z.output<typeof retirement>> {
    const arrived = performance.now();
    const { accountId, accessKeyId } = operatorOf(request, this.#keys);
    const { wait } = askedFor(waitQuery, query);
    const hostId = parseHostId(text);
    if (!hostId) throw new Problem(404, 'HostUnknown', `there is no host '${text}'`);
    const actor = { kind: 'account', accountId, accessKeyId } as const;
    const asked = { actor, requestId: randomUUID(), arrived };
    const outcome = await this.#commands.handle({ type: 'RetireHost', hostId }, asked);
    if (outcome.accepted) return this.#waited(outcome.position, wait);
    const { refusal } = outcome;
    if (refusal.code !== 'HostInUse') throw new Problem(404, refusal.code, `there is no host '${hostId}'`);
    const fix = `host '${hostId}' has ${refusal.instances} instances: terminate them first`;
    throw new Problem(409, refusal.code, fix);
  }

  async #waited(position: LogPosition, seconds: number): Promise<z.output<typeof retirement>> {
    if (seconds === 0) return { position };
    return { position, receipt: await this.#receipts.wait(position, seconds * 1000) };
  }

  @Get()
  list(@Req() request: HttpRequest): z.output<typeof hosts> {
    callerOf(request, this.#keys);
    const all = this.#directory.hosts().map(({ host: { hostId, ranges }, instances, enrolledAt }) => ({
      hostId,
      ranges,
      instances,
      enrolledAt,
      ...this.#receipts.stateOf(hostId),
    }));
    return { hosts: [...all] };
  }
}

import { randomUUID } from 'node:crypto';
import { Controller, Delete, Get, Inject, Param, Query, Req } from '@nestjs/common';
import type { z } from 'zod';
import { parseHostId, type LogPosition } from '#libs/domain';
import { Directory } from '#libs/projections';
import { AccessKeys } from '../accounts/access-keys.js';
import { actorOf, addressOf } from '../accounts/actor.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { CommandHandler } from '../commands/command-handler.js';
import { History } from '../history/history.js';
import { ReceiptBoard, type HostState } from '../receipts/receipt-board.js';
import { Receipts } from '../receipts/receipts.js';
import { askedFor, callerOf, operatorOf, Problem } from './problem.js';
import { momentQuery, waitQuery, type hosts, type retirement } from './shapes.js';

const UNKNOWN: HostState = { state: 'unknown' };

/** The hosts of the cell, and how far each has come. Signed as everything else, with the service `rampart`. */
@Controller('v1/hosts')
export class HostsController {
  readonly #directory: Directory;
  readonly #history: History;
  readonly #receipts: ReceiptBoard;
  readonly #keys: AccessKeys;
  readonly #commands: CommandHandler;

  constructor(
    @Inject(Directory) directory: Directory,
    @Inject(History) history: History,
    @Inject(Receipts) receipts: ReceiptBoard,
    @Inject(AccessKeys) keys: AccessKeys,
    @Inject(CommandHandler) commands: CommandHandler,
  ) {
    this.#directory = directory;
    this.#history = history;
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
    const key = operatorOf(request, this.#keys);
    const { wait } = askedFor(waitQuery, query);
    const hostId = parseHostId(text);
    if (!hostId) throw new Problem(404, 'HostUnknown', `there is no host '${text}'`);
    const actor = actorOf(key, addressOf(request));
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

  /** As they are; or as they were, when nobody remembers how far each had come. */
  @Get()
  async list(@Req() request: HttpRequest, @Query() query: unknown): Promise<z.output<typeof hosts>> {
    callerOf(request, this.#keys);
    await this.#commands.catchUp();
    const { at } = askedFor(momentQuery, query);
    const directory = at === undefined ? this.#directory : await this.#directoryAt(at);
    const all = directory.hosts().map(({ host: { hostId, ranges }, instances, enrolledAt }) => ({
      hostId,
      ranges,
      instances,
      enrolledAt,
      ...(at === undefined ? this.#receipts.stateOf(hostId) : UNKNOWN),
    }));
    return { hosts: [...all] };
  }

  async #directoryAt(text: string): Promise<Directory> {
    return this.#history.directoryAt(await this.#history.positionAt({ field: 'at', text }));
  }
}

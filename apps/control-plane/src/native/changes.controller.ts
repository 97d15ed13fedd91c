import { Controller, Get, Header, Headers, Inject, Param, Query, Req, StreamableFile } from '@nestjs/common';
import type { z } from 'zod';
import { AccessKeys, type AccountKey } from '../accounts/access-keys.js';
import type { HttpRequest } from '../accounts/signed-request.js';
import { ChangeFeed } from '../receipts/change-feed.js';
import { CommandHandler } from '../commands/command-handler.js';
import type { Change } from '../receipts/receipt.js';
import { Receipts } from '../receipts/receipts.js';
import { askedFor, callerOf, Problem } from './problem.js';
import {
  changePath,
  changesQuery,
  streamHeaders,
  waitQuery,
  type changeByHost,
  type changes,
} from './shapes.js';

/** What became of each change, host by host. An account sees its own, an operator all. */
@Controller('v1/changes')
export class ChangesController {
  readonly #receipts: Receipts;
  readonly #feed: ChangeFeed;
  readonly #keys: AccessKeys;
  readonly #commands: CommandHandler;

  constructor(
    @Inject(Receipts) receipts: Receipts,
    @Inject(ChangeFeed) feed: ChangeFeed,
    @Inject(AccessKeys) keys: AccessKeys,
    @Inject(CommandHandler) commands: CommandHandler,
  ) {
    this.#receipts = receipts;
    this.#feed = feed;
    this.#keys = keys;
    this.#commands = commands;
  }

  /** The newest first. */
  @Get()
  async list(@Req() request: HttpRequest, @Query() query: unknown): Promise<z.output<typeof changes>> {
    const caller = callerOf(request, this.#keys);
    const { limit } = askedFor(changesQuery, query);
    await this.#commands.catchUp();
    return { changes: this.#receipts.recent(limit, (one) => maySee(caller, one)) };
  }

  /** As server-sent events. */
  @Get('stream')
  @Header('cache-control', 'no-store')
  stream(@Req() request: HttpRequest, @Headers() headers: unknown): StreamableFile {
    const caller = callerOf(request, this.#keys);
    const { 'last-event-id': last } = askedFor(streamHeaders, headers);
    const notices = this.#feed.read(last, (one) => maySee(caller, one));
    return new StreamableFile(notices, { type: 'text/event-stream' });
  }

  /** By the position of any of its events. */
  @Get(':position')
  async find(
    @Req() request: HttpRequest,
    @Param() path: unknown,
    @Query() query: unknown,
  ): Promise<z.output<typeof changeByHost>> {
    const caller = callerOf(request, this.#keys);
    const { position } = askedFor(changePath, path);
    const { wait } = askedFor(waitQuery, query);
    await this.#commands.catchUp();
    const visible = (): z.output<typeof changeByHost> => {
      const found = this.#receipts.find(position);
      if (found && maySee(caller, found)) return found;
      throw new Problem(404, 'ChangeUnknown', `change ${position} is not, or no longer, known`);
    };
    visible(); // waits for nothing that the caller may not see
    await this.#receipts.wait(position, wait * 1000);
    return visible();
  }
}

const maySee = ({ accountId, operator }: AccountKey, one: Change): boolean =>
  operator === true || one.accountId === accountId;

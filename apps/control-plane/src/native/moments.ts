import { Inject, Injectable } from '@nestjs/common';
import type { AccountId, InstanceId, IpAddress, LogPosition } from '#libs/domain';
import { Directory } from '#libs/projections';
import { CommandHandler } from '../commands/command-handler.js';
import { History, HistoryUnavailableError, type AskedMoment } from '../history/history.js';
import type { Events } from './rule-answers.js';

/** What was true after an event of the log; the present goes on while an answer is being made. */
export interface Moment {
  readonly position: LogPosition;
  readonly directory: Directory;
}

/** The directory of the present or of the past, as much of it as a question needs. */
@Injectable()
export class Moments {
  readonly #commands: CommandHandler;
  readonly #directory: Directory;
  readonly #history: History;

  constructor(
    @Inject(CommandHandler) commands: CommandHandler,
    @Inject(Directory) directory: Directory,
    @Inject(History) history: History,
  ) {
    this.#commands = commands;
    this.#directory = directory;
    this.#history = history;
  }

  /** Enough to judge packets between these ends. */
  async ofEnds(text: string | undefined, ends: readonly (InstanceId | IpAddress)[]): Promise<Moment> {
    if (text === undefined) return this.#present();
    const position = await this.#history.positionAt({ field: 'at', text });
    return { directory: await this.#history.sliceAt(position, ends), position };
  }

  /** All that the account has. */
  async ofAccount(asked: AskedMoment | undefined, accountId: AccountId): Promise<Moment> {
    if (asked === undefined) return this.#present();
    const position = await this.#history.positionAt(asked);
    return { directory: await this.#history.directoryAt(position, accountId), position };
  }

  /** The events at these positions, as far as they are known just now: without them an answer is poorer, not wrong. */
  async eventsAt(positions: Iterable<LogPosition>): Promise<Events> {
    const asked = [...new Set(positions)].map((position) =>
      this.#history.eventAt(position).catch((error: unknown) => {
        if (error instanceof HistoryUnavailableError) return undefined;
        throw error;
      }),
    );
    const found = (await Promise.all(asked)).filter((event) => event !== undefined);
    return new Map(found.map((recorded) => [recorded.position, recorded]));
  }

  async #present(): Promise<Moment> {
    await this.#commands.catchUp();
    const directory = this.#directory;
    return {
      directory,
      get position(): LogPosition {
        return directory.position;
      },
    };
  }
}

import {
  decide,
  evolve,
  initialCellState,
  UndoLog,
  type CellState,
  type Command,
  type Decision,
  type Limits,
  type RecordedEvent,
} from '#libs/domain';
import type { EventStore } from '#libs/event-store';
import type { Marks } from '#libs/projections';
import { decodeRecordedEvent, EMPTY_CHAIN, hashOfStored, type ChainEnd } from '#libs/protocol';
import { CommandHandler, type Outcome, type Request } from '../commands/command-handler.js';
import { record, type Recording } from './recorder.js';
import type { StartingPoint } from './starting-point.js';

/** The log can't be written, or too much waits to be: nothing of the command happened. */
export class LogUnavailableError extends Error {
  override readonly name = 'LogUnavailableError';
}

/**
 * Told of every commit, in order, once it is durable and before anyone hears of it; and of when its command arrived, by
 * the clock of `performance.now()`.
 */
export type CommitListener = (commit: readonly RecordedEvent[], arrived: number) => void;

export interface CommandLogOptions {
  readonly limits?: Limits;
  readonly clock?: () => Date;
  /** Commands that may wait for the disk at a time; more are turned away, not queued without end. */
  readonly maxWaiting?: number;
  /** Instead of the log's first event. */
  readonly from?: StartingPoint;
  /** Told what the starting point's events don't tell, before any event after it. */
  readonly onStartingPoint?: (marks: Marks) => void;
}

interface Waiting {
  readonly command: Command;
  readonly request: Required<Request>;
  readonly settled: PromiseWithResolvers<Outcome>;
  /** Absent for a refusal, which says nothing that is not durable either, and so waits with the rest. */
  readonly recording?: Recording;
  readonly outcome: Outcome;
}

interface Batch {
  readonly waiting: Waiting[];
}

/**
 * The one place that knows about concurrency: pipelined group commit.
 *
 * A command is decided at once, on the newest state including what is still being written. While one batch is on its
 * way to the disk, the next one forms. Answers go out when a batch is durable. A batch that could not be written
 * takes with it all that was decided on top of it; one that lost a race is decided anew on what won.
 */
export class CommandLog extends CommandHandler {
  readonly #store: EventStore;
  readonly #listeners: readonly CommitListener[];
  readonly #limits: Limits | undefined;
  readonly #clock: () => Date;
  readonly #maxWaiting: number;
  readonly #undo = new UndoLog();
  readonly #state: CellState = initialCellState(this.#undo);
  /** Of what is durable. */
  #durable: ChainEnd = EMPTY_CHAIN;
  /** Of what has been decided. */
  #decided: ChainEnd = EMPTY_CHAIN;
  #forming: Batch = { waiting: [] };
  #writing: Batch | undefined;
  /** Commands that arrive while others' events are taken in: decided when that is done. */
  #held: Pick<Waiting, 'command' | 'request' | 'settled'>[] | undefined;

  private constructor(store: EventStore, listeners: readonly CommitListener[], options: CommandLogOptions) {
    super();
    this.#store = store;
    this.#listeners = listeners;
    this.#limits = options.limits;
    this.#clock = options.clock ?? ((): Date => new Date());
    this.#maxWaiting = options.maxWaiting ?? 10_000;
  }

  /** Replays the store, or what matters of it at the starting point and all that came after, into the state and the listeners, each event a commit of its own, then takes commands. */
  static async open(
    store: EventStore,
    listeners: readonly CommitListener[],
    options: CommandLogOptions = {},
  ): Promise<CommandLog> {
    const log = new CommandLog(store, listeners, options);
    if (options.from) await log.#startFrom(options.from);
    if (options.from) options.onStartingPoint?.(options.from.marks);
    await log.#catchUp();
    return log;
  }

  override handle(command: Command, asked: Request): Promise<Outcome> {
    const request = { arrived: performance.now(), ...asked };
    if (this.#forming.waiting.length + (this.#held?.length ?? 0) >= this.#maxWaiting)
      return Promise.reject(
        new LogUnavailableError(`${this.#maxWaiting} commands are waiting for the log already`),
      );
    const settled = Promise.withResolvers<Outcome>();
    if (this.#held) this.#held.push({ command, request, settled });
    else this.#decide(command, request, settled);
    if (!this.#writing) void this.#write();
    return settled.promise;
  }

  override preview(command: Command): Decision {
    return decide(command, this.#state, this.#limits);
  }

  #decide(command: Command, request: Required<Request>, settled: PromiseWithResolvers<Outcome>): void {
    const decision = decide(command, this.#state, this.#limits);
    if (!decision.accepted) {
      this.#forming.waiting.push({ command, request, settled, outcome: decision });
      return;
    }
    const recording = record(decision.events, request, this.#decided, this.#clock());
    for (const event of decision.events) evolve(this.#state, event);
    this.#decided = recording.tip;
    const outcome = { accepted: true, events: recording.recorded, position: recording.tip.position } as const;
    this.#forming.waiting.push({ command, request, settled, recording, outcome });
  }

  /** Writes batch after batch until none is left. */
  async #write(): Promise<void> {
    while (this.#forming.waiting.length > 0) {
      const batch = this.#forming;
      this.#forming = { waiting: [] };
      this.#writing = batch;
      const decidedBefore = this.#undo.mark;
      const tip = batch.waiting.findLast(({ recording }) => recording)?.recording?.tip ?? this.#durable;
      const texts = batch.waiting.flatMap(({ recording }) => recording?.texts ?? []);
      let isAppended = texts.length === 0;
      try {
        isAppended ||= (await this.#store.append(this.#durable.position, texts)).appended;
        if (!isAppended) await this.#decideAnew(batch);
      } catch (error) {
        this.#takeBack(batch, error);
        continue;
      }
      if (isAppended) this.#settle(batch, tip, decidedBefore);
    }
    this.#writing = undefined;
  }

  /** The batch is durable: shown, then answered. */
  #settle(batch: Batch, tip: ChainEnd, decided: number): void {
    this.#durable = tip;
    this.#undo.forget(decided);
    for (const { recording, request } of batch.waiting) {
      if (recording && recording.recorded.length > 0)
        for (const listen of this.#listeners) listen(recording.recorded, request.arrived);
    }
    for (const { settled, outcome } of batch.waiting) settled.resolve(outcome);
  }

  /** Somebody else wrote first: what was decided is undone, theirs is taken in, and all is decided again. */
  async #decideAnew(batch: Batch): Promise<void> {
    const lost = this.#rollBack();
    this.#held = [];
    try {
      await this.#catchUp();
    } finally {
      const again = [...batch.waiting.splice(0), ...lost, ...this.#held];
      this.#held = undefined;
      for (const { command, request, settled } of again) this.#decide(command, request, settled);
    }
  }

  #takeBack(batch: Batch, cause: unknown): void {
    const error = new LogUnavailableError(`the log could not be written; nothing was changed`, { cause });
    for (const { settled } of [...batch.waiting, ...this.#rollBack()]) settled.reject(error);
  }

  /** Undoes all that is not durable, and yields the commands that waited on top of it. */
  #rollBack(): readonly Waiting[] {
    const { waiting } = this.#forming;
    this.#forming = { waiting: [] };
    this.#undo.rollback();
    this.#decided = this.#durable;
    return waiting;
  }

  async #startFrom({ end, events, marks }: StartingPoint): Promise<void> {
    this.#undo.isRecording = false;
    for await (const page of events) {
      const arrived = performance.now();
      for (const recorded of page) {
        evolve(this.#state, recorded.event);
        for (const listen of this.#listeners) listen([recorded], arrived);
      }
    }
    for (const [counter, value] of marks.counters) this.#state.counters.set(counter, value);
    this.#durable = end;
  }

  async #catchUp(): Promise<void> {
    this.#undo.isRecording = false;
    for await (const page of this.#store.read(this.#durable.position)) {
      const arrived = performance.now();
      for (const { text } of page) {
        const recorded = decodeRecordedEvent(text);
        evolve(this.#state, recorded.event);
        for (const listen of this.#listeners) listen([recorded], arrived);
      }
      const last = page.at(-1);
      if (last) this.#durable = { position: last.position, hash: hashOfStored(last.text) };
    }
    this.#undo.isRecording = true;
    this.#decided = this.#durable;
  }
}

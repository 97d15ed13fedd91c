import {
  decide,
  effectOf,
  fold,
  initialCellState,
  UndoLog,
  type CellState,
  type Command,
  type Decision,
  type Effect,
  type Event,
  type Limits,
  type LogPosition,
  type RecordedEvent,
} from '#libs/domain';
import { EventStoreError, type EventStore } from '#libs/event-store';
import type { Marks } from '#libs/projections';
import { EMPTY_CHAIN, hashOfStored, type ChainEnd } from '#libs/protocol';
import { CommandHandler, type Outcome, type Request } from '../commands/command-handler.js';
import type { Arrival, CommitListener } from './commit-listener.js';
import type { Commit } from './commits.js';
import { LogUnavailableError } from './log-unavailable-error.js';
import { pause } from './pause.js';
import { record, type Recording } from './recorder.js';
import { SharedLog } from './shared-log.js';
import type { StartingPoint } from './starting-point.js';
import { Waiters } from './waiters.js';

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

interface Wish {
  readonly command: Command;
  readonly request: Required<Request>;
  readonly settled: PromiseWithResolvers<Outcome>;
}

interface Decided extends Wish {
  /** Absent for a refusal, which says nothing that is not durable either, and so waits with the rest. */
  readonly recording?: Recording;
  readonly outcome: Outcome;
  /** Of its records, and how many changes of the state it takes to undo it. */
  readonly bytes: number;
  readonly changes: number;
}

/** What is written at once. */
interface Batch {
  readonly decided: readonly Decided[];
  /** The log's end with it. */
  readonly tip: ChainEnd;
  /** What it takes to undo it lies before this mark. */
  readonly mark: number;
}

const RETRY_MS = 100;

/**
 * The one place that knows about concurrency: pipelined group commit, on a log that others may append to as well.
 *
 * A command is decided at once, on the newest state including what is still being written. While one batch is on its
 * way to the disk, the next one forms. Answers go out when a batch is durable, refusals too: what they rest on may have
 * been changed by others. A batch that could not be written takes with it all that was decided on top of it. What
 * others appended is taken in between two batches, and all that is not durable by then is decided anew on top of it. A
 * batch holds no more than the store takes at once, and always whole commands.
 */
export class CommandLog extends CommandHandler {
  readonly #log: SharedLog;
  readonly #listeners: readonly CommitListener[];
  readonly #limits: Limits | undefined;
  readonly #clock: () => Date;
  readonly #maxWaiting: number;
  readonly #undo = new UndoLog();
  readonly #state: CellState = initialCellState(this.#undo);
  readonly #mostBytes: number;
  /** Of what is durable. */
  #durable: ChainEnd = EMPTY_CHAIN;
  /** Of what has been decided. */
  #decided: ChainEnd = EMPTY_CHAIN;
  #forming: Decided[] = [];
  /** Commands that arrive while others' events are taken in: decided when that is done. */
  #held: Wish[] | undefined;
  readonly #waiters = new Waiters();
  #isWorking = false;

  private constructor(store: EventStore, listeners: readonly CommitListener[], options: CommandLogOptions) {
    super();
    this.#log = new SharedLog(store);
    this.#listeners = listeners;
    this.#mostBytes = store.maxAppendBytes ?? Infinity;
    this.#limits = options.limits;
    this.#clock = options.clock ?? ((): Date => new Date());
    this.#maxWaiting = options.maxWaiting ?? 10_000;
  }

  /** Replays the store, or what matters at the starting point and all that came after, then takes commands. */
  static async open(
    store: EventStore,
    listeners: readonly CommitListener[],
    options: CommandLogOptions = {},
  ): Promise<CommandLog> {
    const log = new CommandLog(store, listeners, options);
    if (options.from) await log.#startFrom(options.from);
    if (options.from) options.onStartingPoint?.(options.from.marks);
    await log.#readOn();
    return log;
  }

  /** Where the log ends, as far as it is durable. */
  get end(): ChainEnd {
    return this.#durable;
  }

  /** Takes in what others append as soon as they do, and not only when it is in the way; until the signal aborts. */
  async follow(signal: AbortSignal): Promise<void> {
    for await (const position of this.#log.follow(this.#durable.position, signal)) {
      const isThere = (): Promise<boolean> =>
        this.#upTo(position).then(
          () => true,
          () => false,
        );
      while (!signal.aborted && !(await isThere())) await pause(RETRY_MS);
    }
  }

  /** Told when it loses race after race, and for how many milliseconds the others should let it append. */
  onLosing(listener: (milliseconds: number) => void): void {
    this.#log.onLosing(listener);
  }

  /** Appends nothing for so long. */
  giveTurn(milliseconds: number): void {
    this.#log.giveTurn(milliseconds);
  }

  override handle(command: Command, asked: Request): Promise<Outcome> {
    const request = { arrived: performance.now(), ...asked };
    if (this.#forming.length + (this.#held?.length ?? 0) >= this.#maxWaiting)
      return Promise.reject(
        new LogUnavailableError(`${this.#maxWaiting} commands are waiting for the log already; try again`),
      );
    const settled = Promise.withResolvers<Outcome>();
    if (this.#held) this.#held.push({ command, request, settled });
    else this.#decide({ command, request, settled });
    void this.#work();
    return settled.promise;
  }

  override preview(command: Command): Decision {
    return decide(command, this.#state, this.#limits);
  }

  override async catchUp(): Promise<void> {
    const end = await this.#log.end().catch((error: unknown) => {
      throw unreadable(failureOf(error));
    });
    await this.#upTo(end);
  }

  override effectOf(events: readonly Event[]): Effect | undefined {
    return effectOf(events, this.#state);
  }

  #decide({ command, request, settled }: Wish): void {
    const decision = decide(command, this.#state, this.#limits);
    if (!decision.accepted) {
      this.#forming.push({ command, request, settled, outcome: decision, bytes: 0, changes: 0 });
      return;
    }
    const recording = record(decision.events, request, this.#decided, this.#clock());
    const bytes = bytesOf(recording.texts);
    if (bytes > this.#mostBytes) {
      const sizes = `its events are ${bytes} bytes, and the log takes ${this.#mostBytes} at once`;
      settled.reject(new LogUnavailableError(`${sizes}: ask for less at a time`));
      return;
    }
    const { mark } = this.#undo;
    for (const recorded of recording.recorded) fold(this.#state, recorded);
    this.#decided = recording.tip;
    const outcome = { accepted: true, events: recording.recorded, position: recording.tip.position } as const;
    const changes = this.#undo.mark - mark;
    this.#forming.push({ command, request, settled, recording, outcome, bytes, changes });
  }

  /** One thing after the other, until there is nothing to take in and nothing to write. */
  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    for (;;) {
      if (this.#log.knownEnd > this.#durable.position) await this.#takeIn();
      else if (this.#forming.length === 0) break;
      else {
        const { restMilliseconds } = this.#log;
        if (restMilliseconds > 0) {
          await pause(restMilliseconds);
          continue;
        }
        const batch = this.#batch();
        // Without a pause after this, so that the next batch is on its way before the answers to this one are made.
        this.#conclude(batch, await this.#append(batch).catch(failureOf));
      }
    }
    this.#isWorking = false;
  }

  /** As much of what has formed as is written together; the rest goes on forming. */
  #batch(): Batch {
    let [bytes, mark] = [0, 0];
    const count = this.#forming.findIndex((one) => (bytes += one.bytes) > this.#mostBytes);
    const decided = this.#forming.splice(0, count < 0 ? this.#forming.length : count);
    for (const { changes } of decided) mark += changes;
    const tip = decided.findLast(({ recording }) => recording)?.recording?.tip ?? this.#durable;
    return { decided, tip, mark };
  }

  /** Whether it is durable now; false when others were faster. */
  async #append({ decided }: Batch): Promise<boolean> {
    const texts = decided.flatMap(({ recording }) => recording?.texts ?? []);
    const { position } = this.#durable;
    return texts.length > 0 ? this.#log.append(position, texts) : (await this.#log.end()) <= position;
  }

  /** Shown, then answered, when it is durable. When others were faster it forms again, to be decided anew. */
  #conclude({ decided, tip, mark }: Batch, outcome: boolean | EventStoreError): void {
    if (outcome instanceof EventStoreError) this.#takeBack(decided, outcome);
    else if (!outcome) this.#forming = [...decided, ...this.#forming];
    else {
      this.#undo.forget(mark);
      for (const { recording, request } of decided)
        if (recording && recording.recorded.length > 0)
          this.#show(recording.recorded, { at: request.arrived, isOwn: true });
      this.#moveTo(tip);
      for (const { settled, outcome } of decided) settled.resolve(outcome);
    }
  }

  #takeBack(batch: readonly Decided[], cause: EventStoreError): void {
    refuse(batch, cause, cause.isUncertain);
    refuse(this.#rollBack(), cause);
  }

  /** Undoes all that is not durable, takes in what others appended, and decides all that was undone anew. */
  async #takeIn(): Promise<void> {
    const { position } = this.#durable;
    const undone = this.#rollBack();
    this.#held = [];
    const failure = await this.#readOn().catch(failureOf);
    if (!failure && this.#durable.position === position) await pause(RETRY_MS); // it is there, but can't be read yet
    const wishes = [...undone, ...this.#held];
    this.#held = undefined;
    if (!failure) for (const wish of wishes) this.#decide(wish);
    else {
      this.#log.forgetEnd(this.#durable.position);
      refuse(wishes, failure);
      this.#waiters.refuse(unreadable(failure));
    }
  }

  /** Undoes all that is not durable, and yields the commands that waited on top of it. */
  #rollBack(): readonly Decided[] {
    const undone = this.#forming;
    this.#forming = [];
    this.#undo.rollback();
    this.#decided = this.#durable;
    return undone;
  }

  async #startFrom({ end, events, marks }: StartingPoint): Promise<void> {
    this.#undo.isRecording = false;
    for await (const page of events) for (const recorded of page) this.#replay([recorded]);
    this.#undo.isRecording = true;
    marks.restoreTo(this.#state);
    this.#moveTo(end);
    this.#decided = end;
  }

  /** Takes in all that the log holds after what is known; only while nothing is decided on top of that. */
  async #readOn(): Promise<void> {
    for await (const commits of this.#log.commitsAfter(this.#durable.position)) {
      this.#undo.isRecording = false;
      for (const { events } of commits) this.#replay(events);
      this.#undo.isRecording = true;
      const last = commits.at(-1)?.last;
      if (last) this.#moveTo({ position: last.position, hash: hashOfStored(last.text) });
      this.#decided = this.#durable;
    }
  }

  #replay(events: Commit['events']): void {
    for (const recorded of events) fold(this.#state, recorded);
    this.#show(events, { at: performance.now(), isOwn: false });
  }

  #show(commit: readonly RecordedEvent[], arrival: Arrival): void {
    for (const listen of this.#listeners) listen(commit, arrival);
  }

  #moveTo(end: ChainEnd): void {
    this.#durable = end;
    this.#waiters.reach(end.position);
  }

  #upTo(position: LogPosition): Promise<void> {
    if (position <= this.#durable.position) return Promise.resolve();
    const reached = this.#waiters.upTo(position);
    void this.#work();
    return reached;
  }
}

function refuse(wishes: readonly Wish[], cause: EventStoreError, isUncertain = false): void {
  const fate = isUncertain
    ? 'the log does not answer, and may or may not have taken this: see what is there before trying again'
    : 'the log failed; nothing was changed; try again';
  const error = new LogUnavailableError(fate, { cause });
  for (const { settled } of wishes) settled.reject(error);
}

/** What the store says is wrong with it. Anything else is a mistake of ours, and had better end the process. */
function failureOf(error: unknown): EventStoreError {
  if (error instanceof EventStoreError) return error;
  throw error;
}

const unreadable = (cause: EventStoreError): LogUnavailableError =>
  new LogUnavailableError('the log can not be read; try again', { cause });

/** As a store may keep them: one after the other, each with something between. */
const bytesOf = (texts: readonly string[]): number =>
  texts.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0);

import type { LogPosition } from '#libs/domain';
import { EventStoreError, type EventStore, type StoredRecord } from '#libs/event-store';
import { areWhole, commitsIn, type Commit } from './commits.js';
import { pause } from './pause.js';

/** An append that may or may not have happened is repeated so often, after pauses that grow, before it is given up. */
const MOST_ATTEMPTS = 8;
const FIRST_PAUSE_MS = 20;
/** So many races lost in a row are bad luck no more. */
const TOO_MANY_LOSSES = 5;
/** Of what losing one race took, to be sure to win one. */
const TURN = 2;

/** The store as one of several control planes sees it: others append, too. */
export class SharedLog {
  readonly #store: EventStore;
  /** What was followed and has not been asked for. */
  #followed: readonly StoredRecord[] = [];
  #end = 0;
  #nextEnd: Promise<LogPosition> | undefined;
  #askedEnd: Promise<unknown> = Promise.resolve();
  #losses = 0;
  #losingSince = 0;
  #restUntil = 0;
  #onLosing: (milliseconds: number) => void = () => undefined;

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** The newest position that is known to be taken. */
  get knownEnd(): LogPosition {
    return this.#end;
  }

  /** What is known beyond that position can't be had at the moment. */
  forgetEnd(position: LogPosition): void {
    this.#end = position;
  }

  /** Many who ask at once are told together, but nobody by an answer to what was asked before. */
  end(): Promise<LogPosition> {
    return (this.#nextEnd ??= this.#askedEnd.then(() => {
      this.#nextEnd = undefined;
      const asked = this.#store.end().then((end) => this.#know(end));
      this.#askedEnd = asked.catch(() => undefined);
      return asked;
    }));
  }

  /** Yields the last position of each page that others appended, until the signal aborts. */
  async *follow(after: LogPosition, signal: AbortSignal): AsyncGenerator<LogPosition> {
    for await (const page of this.#store.follow(after, signal)) {
      this.#followed = page;
      yield this.#know(page.at(-1)?.position ?? 0);
    }
  }

  /** What stands after that position, in commits: of what was followed when it goes on there, else read. */
  async *commitsAfter(position: LogPosition): AsyncGenerator<readonly Commit[]> {
    const followed = this.#followed.filter((record) => record.position > position);
    this.#followed = [];
    const goesOn = followed[0]?.position === position + 1 && areWhole(followed);
    yield* commitsIn(goesOn ? [followed] : this.#store.read(position));
  }

  /** Told when this one loses race after race, and how long the others should let it. */
  onLosing(listener: (milliseconds: number) => void): void {
    this.#onLosing = listener;
  }

  /** Another one loses race after race. Those who do so too go on. */
  giveTurn(milliseconds: number): void {
    if (this.#losses === 0) this.#restUntil = performance.now() + milliseconds;
  }

  /** Until this one should append again. */
  get restMilliseconds(): number {
    return Math.max(0, this.#restUntil - performance.now());
  }

  /**
   * Whether the records stand right after that position now; else others' do. When the store can't say what became of
   * them, they are appended once more, which finds them there, finds others in their place, or puts them there.
   */
  async append(after: LogPosition, texts: readonly string[]): Promise<boolean> {
    const began = performance.now();
    let isUncertain = false;
    for (let attempt = 1; ; attempt++) {
      try {
        const { appended, end } = await this.#store.append(after, texts);
        if (end < after) throw new EventStoreError(`${this.#store.name} lost what it had after ${end}`);
        const isThere = appended || (isUncertain && (await this.#textAfter(after)) === texts[0]);
        if (isThere) this.#losses = 0;
        else this.#lose(began, end);
        return isThere;
      } catch (error) {
        isUncertain ||= error instanceof EventStoreError && error.isUncertain;
        if (!isUncertain) throw error;
        if (attempt === MOST_ATTEMPTS)
          throw new EventStoreError(String(error), { cause: error, isUncertain });
        await pause(FIRST_PAUSE_MS * 2 ** attempt);
      }
    }
  }

  #lose(began: number, end: LogPosition): void {
    this.#know(end);
    if (this.#losses++ === 0) this.#losingSince = began;
    if (this.#losses < TOO_MANY_LOSSES) return;
    this.#onLosing((TURN * (performance.now() - this.#losingSince)) / this.#losses);
  }

  async #textAfter(position: LogPosition): Promise<string | undefined> {
    for await (const [first] of this.#store.read(position)) return first?.text;
    return undefined;
  }

  #know(end: LogPosition): LogPosition {
    this.#end = Math.max(this.#end, end);
    return end;
  }
}

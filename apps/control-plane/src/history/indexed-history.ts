import { setTimeout as pause } from 'node:timers/promises';
import type { AccountId, InstanceId, IpAddress, LogPosition, RecordedEvent } from '#libs/domain';
import type { EventStore } from '#libs/event-store';
import { Directory, Marks } from '#libs/projections';
import { decodeRecordedEvent, hashOfStored } from '#libs/protocol';
import type { StartingPoint } from '../log/starting-point.js';
import { History, HistoryUnavailableError, NoSuchMomentError, type AskedMoment } from './history.js';
import { openIndexThread, type RemoteIndex } from './index-thread.js';
import type { ReceiptSummary } from '../receipts/receipts.js';
import { parseMoment } from './moments.js';
import type { EventQuery } from './search.js';
import { sliceOf } from './slice.js';
import { PAGE } from './survivors.js';
import { touchesOf } from './touches.js';

const AGAIN_AFTER_MS = 5000;
/** Nobody waits longer for an index that is made from a long log. */
const PATIENCE_MS = 10_000;
/** Receipts are kept together. */
const NOTED_AFTER_MS = 500;
/** Directories of the past that are kept: pages of one listing ask for the same again and again. */
const KEPT_DIRECTORIES = 4;

/** The past from an index that follows the log on a thread of its own. */
export class IndexedHistory extends History implements AsyncDisposable {
  readonly #index: RemoteIndex;
  readonly #store: EventStore;
  readonly #warn: (message: string) => void;
  readonly #ending = new AbortController();
  readonly #closing = new AbortController();
  readonly #directories = new Map<string, Promise<Directory>>();
  readonly #receipts = new Map<LogPosition, string>();
  #heard = Promise.withResolvers<void>();
  #following: Promise<void> = Promise.resolve();
  #position: LogPosition = 0;
  readonly #waiting = new Set<{ readonly position: LogPosition } & PromiseWithResolvers<void>>();
  #present: () => LogPosition | Promise<LogPosition> = () => 0;

  private constructor(index: RemoteIndex, store: EventStore, warn: (message: string) => void) {
    super();
    this.#index = index;
    this.#store = store;
    this.#warn = warn;
  }

  /** Opens the index in that file, empty when it is none of this log. */
  static async open(
    file: string,
    store: EventStore,
    warn: (message: string) => void,
  ): Promise<IndexedHistory> {
    const index = await openIndexThread(file);
    const end = await index.end();
    if (end.position > 0 && (await hashAt(store, end.position)) !== end.hash) await index.reset();
    const history = new IndexedHistory(index, store, warn);
    history.#position = (await index.end()).position;
    return history;
  }

  /** Undefined when there is no snapshot. */
  async startingPoint(): Promise<StartingPoint | undefined> {
    const stored = await this.#index.startingPoint();
    this.#position = (await this.#index.end()).position;
    const hash = stored && (await hashAt(this.#store, stored.position));
    if (!stored || hash === undefined) return undefined;
    return {
      end: { position: stored.position, hash },
      events: this.#survivors(stored.position),
      marks: new Marks(stored.marks),
    };
  }

  /** Takes in the log from now on, again at each `hear`; `present` says how far anybody has been told of it. */
  follow(present: () => LogPosition | Promise<LogPosition>): void {
    this.#present = present;
    this.#ending.signal.addEventListener('abort', () => this.hear(), { once: true });
    this.#following = this.#keepTaking();
  }

  /** There is more of the log. */
  hear(): void {
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }

  override async positionAt(asked: AskedMoment): Promise<LogPosition> {
    await this.#reach();
    const [now, end] = [Date.now(), this.#position];
    const moment = parseMoment(asked, now);
    const isToCome =
      'position' in moment
        ? moment.position > end
        : moment.milliseconds > now && moment.milliseconds > (await this.timeOf(end)).getTime();
    if (isToCome)
      throw new NoSuchMomentError(`${asked.field} '${asked.text}' is yet to come: the log ends at ${end}`);
    return 'position' in moment ? moment.position : this.#index.positionAt(moment.milliseconds);
  }

  override async end(): Promise<LogPosition> {
    await this.#reach();
    return this.#position;
  }

  override async timeOf(position: LogPosition): Promise<Date> {
    const recorded = await this.eventAt(position);
    return new Date(recorded?.time ?? 0);
  }

  override async directoryAt(position: LogPosition, accountId?: AccountId): Promise<Directory> {
    const key = `${position} ${accountId ?? ''}`;
    const made = this.#directories.get(key) ?? this.#makeDirectory(position, accountId);
    this.#directories.delete(key); // the newest last
    this.#directories.set(key, made);
    made.catch(() => this.#directories.delete(key));
    const [oldest] = this.#directories.keys();
    if (this.#directories.size > KEPT_DIRECTORIES && oldest !== undefined) this.#directories.delete(oldest);
    return made;
  }

  override async sliceAt(
    position: LogPosition,
    ends: readonly (InstanceId | IpAddress)[],
  ): Promise<Directory> {
    const directory = new Directory();
    const events = await sliceOf(ends, async (lists) =>
      (await this.#index.touching(position, lists)).map(decodeRecordedEvent),
    );
    for (const recorded of events) directory.project(recorded);
    return directory;
  }

  override async events(query: EventQuery): Promise<readonly RecordedEvent[]> {
    await this.#reach();
    const found = (await this.#index.find(query)).map(decodeRecordedEvent);
    // Different things may share a number in the index.
    return found.filter((recorded) => {
      const touches = touchesOf(recorded);
      return query.touching.every((thing) => touches.includes(thing));
    });
  }

  override async eventsAfter(position: LogPosition, limitMilliseconds: number): Promise<void> {
    const one = this.#waitFor(position + 1);
    const settled = new AbortController();
    const signal = AbortSignal.any([settled.signal, this.#closing.signal]);
    const limit = pause(limitMilliseconds, undefined, { signal, ref: false });
    await Promise.race([one.promise, limit.catch(() => undefined)]);
    settled.abort();
    this.#waiting.delete(one);
  }

  override get isClosing(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Nobody waits for what is to come any more. */
  endWaits(): void {
    this.#closing.abort();
  }

  override noteReceipt(receipt: ReceiptSummary): void {
    if (this.#receipts.size === 0) setTimeout(() => void this.#keepReceipts(), NOTED_AFTER_MS).unref();
    this.#receipts.set(receipt.position, JSON.stringify(receipt));
  }

  override async receiptsOf(
    positions: readonly LogPosition[],
  ): Promise<readonly (ReceiptSummary | undefined)[]> {
    await this.#keepReceipts();
    const found = await this.#index.receiptsFrom(positions);
    return found.map((text, index) => {
      const receipt = text === undefined ? undefined : (JSON.parse(text) as ReceiptSummary);
      return receipt && receipt.first <= (positions[index] ?? 0) ? receipt : undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#ending.abort();
    await this.#keepReceipts();
    await this.#following.catch(() => undefined);
    await this.#index.close();
  }

  /** What the index can't take in now, for a full disk say, it takes in later; commands never wait for it. */
  async #keepTaking(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await this.#take().catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        if (!signal.aborted) this.#warn(`${message}; it goes on in ${AGAIN_AFTER_MS / 1000} s`);
        for (const one of this.#waiting) one.reject(new HistoryUnavailableError(message));
        this.#waiting.clear();
      });
      await pause(AGAIN_AFTER_MS, undefined, { signal }).catch(() => undefined);
      this.#position = (await this.#index.end()).position;
    }
  }

  async #take(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const heard = this.#heard.promise; // before it reads, so that nothing is missed
      for await (const page of this.#store.read(this.#position)) {
        this.#position = await this.#index.take(page.map(({ text }) => text));
        this.#answerWaiting();
        if (this.#ending.signal.aborted) return;
      }
      await this.#index.commit();
      await heard;
    }
  }

  #answerWaiting(): void {
    for (const one of this.#waiting) {
      if (one.position > this.#position) continue;
      this.#waiting.delete(one);
      one.resolve();
    }
  }

  /** Resolves when the index holds all that anybody has been told of. */
  async #reach(): Promise<void> {
    const position = await this.#present();
    if (position <= this.#position) return;
    const one = this.#waitFor(position);
    const limit = setTimeout(() => {
      this.#waiting.delete(one);
      const far = `it holds ${this.#position} of ${position} events`;
      one.reject(new HistoryUnavailableError(`the index of the past is still being made: ${far}`));
    }, PATIENCE_MS);
    await one.promise.finally(() => clearTimeout(limit));
  }

  #waitFor(position: LogPosition): { readonly position: LogPosition } & PromiseWithResolvers<void> {
    const one = { position, ...Promise.withResolvers<void>() };
    if (position <= this.#position) one.resolve();
    else this.#waiting.add(one);
    return one;
  }

  async #keepReceipts(): Promise<void> {
    const receipts = [...this.#receipts];
    this.#receipts.clear();
    if (receipts.length > 0)
      await this.#index.noteReceipts(receipts).catch((error: unknown) => this.#warn(String(error)));
  }

  async #makeDirectory(position: LogPosition, accountId?: AccountId): Promise<Directory> {
    const directory = new Directory();
    for await (const page of this.#survivors(position, accountId))
      for (const recorded of page) directory.project(recorded);
    return directory;
  }

  async *#survivors(at: LogPosition, accountId?: AccountId): AsyncGenerator<readonly RecordedEvent[]> {
    const positions = await this.#index.survivors(at, accountId);
    const page = (first: number): Promise<readonly string[]> =>
      this.#index.records(positions.slice(first, first + PAGE));
    let next = page(0);
    for (let first = 0; first < positions.length; first += PAGE) {
      const texts = await next;
      next = page(first + PAGE); // the thread reads on while this page is being worked through
      yield texts.map(decodeRecordedEvent);
    }
    await next;
  }
}

/** The hash of the event at that position of the log; undefined when the log is shorter. */
async function hashAt(store: EventStore, position: LogPosition): Promise<string | undefined> {
  for await (const [first] of store.read(position - 1)) return first && hashOfStored(first.text);
  return undefined;
}

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { LogPosition, RecordedEvent } from '#libs/domain';
import { Marks, Survival } from '#libs/projections';
import { decodeRecordedEvent, hashOfStored, EMPTY_CHAIN, type ChainEnd } from '#libs/protocol';
import { isDamage, openHistoryDatabase, removeHistory, setAside, STILL } from './history-database.js';
import { findEvents, findPosition, type EventQuery } from './search.js';
import { isSound, readSnapshot, saveSnapshot, type StoredSnapshot } from './snapshots.js';
import { recordsAt, survivorsAt, survivorsTouching } from './survivors.js';
import { numberOf, touchesOf } from './touches.js';

/** So many events are read again at most after a crash. */
const COMMIT_EVERY = 25_000;
/** After so many events the next snapshot is due. */
const SNAPSHOT_EVERY = 100_000;

interface Statements {
  readonly event: StatementSync;
  readonly touch: StatementSync;
  readonly release: StatementSync;
}

const statementsOn = (database: DatabaseSync): Statements => ({
  event: database.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?)'),
  touch: database.prepare('INSERT INTO touch VALUES (?, ?)'),
  release: database.prepare('UPDATE event SET until = ? WHERE position = ?'),
});

/**
 * The log by what its events touch, and until when each matters: one SQLite file beside the log, made from it and made
 * anew when it is lost. Everything here is synchronous: it belongs on a thread of its own.
 */
export class HistoryIndex {
  readonly #file: string;
  #database: DatabaseSync;
  #statements: Statements;
  #survival = new Survival();
  #marks = new Marks();
  #position: LogPosition = 0;
  #newest: string | undefined;
  #moment = 0;
  #snapshotAt: LogPosition = 0;
  #committed: LogPosition = 0;
  /** Whether what is in the file is folded. */
  #isAwake = false;

  constructor(file: string) {
    this.#file = file;
    try {
      [this.#database, this.#statements] = this.#open();
    } catch (error) {
      if (!isDamage(error)) throw error;
      setAside(file);
      [this.#database, this.#statements] = this.#open();
    }
  }

  /** The newest event that is in the index. */
  end(): ChainEnd {
    return this.#newest === undefined
      ? EMPTY_CHAIN
      : { position: this.#position, hash: hashOfStored(this.#newest) };
  }

  /**
   * Takes in what follows on the end; when it throws, the end is again where the file ends. What many pages bring is
   * written together, unless `commit` says otherwise: the index's leaves are written once for many events.
   */
  take(texts: readonly string[]): LogPosition {
    const before = this.#position;
    try {
      if (!this.#isAwake) this.#wake();
      if (!this.#database.isTransaction) this.#database.exec('BEGIN');
      for (const text of texts) this.#takeOne(text);
      if (this.#position - this.#committed >= COMMIT_EVERY) this.commit();
    } catch (error) {
      if (isDamage(error)) this.reset();
      else this.#goBack();
      throw new Error(`the history could not take in what follows on event ${before}`, { cause: error });
    }
    if (this.#position - this.#snapshotAt >= SNAPSHOT_EVERY) this.snapshot();
    return this.#position;
  }

  /** Puts down what was taken in. */
  commit(): void {
    if (this.#database.isTransaction) this.#database.exec('COMMIT');
    this.#committed = this.#position;
  }

  find(query: EventQuery): readonly string[] {
    return findEvents(this.#database, query);
  }

  /** The last event before or at that moment (milliseconds since 1970); 0 when there is none. */
  positionAt(moment: number): LogPosition {
    return findPosition(this.#database, moment, this.#position);
  }

  /** Where what matters at a position stands, of one account and of the cell as a whole, or of all. */
  survivors(at: LogPosition, account?: string): Float64Array {
    return survivorsAt(this.#database, at, account);
  }

  records(positions: Float64Array): readonly string[] {
    return recordsAt(this.#database, positions);
  }

  /** What matters at a position and touches all of one of these lists of things. */
  touching(at: LogPosition, things: readonly (readonly string[])[]): readonly string[] {
    return survivorsTouching(this.#database, at, things);
  }

  /** Puts down where the fold stands, to start from. */
  snapshot(): void {
    if (this.#position === this.#snapshotAt) return;
    if (!this.#isAwake) this.#wake();
    this.commit();
    saveSnapshot(this.#database, this.#position, this.#marks);
    this.#snapshotAt = this.#position;
  }

  /** The newest snapshot, if there is one yet. One that is damaged takes the whole index with it. */
  startingPoint(): StoredSnapshot | undefined {
    if (!this.#isSound()) this.reset();
    return readSnapshot(this.#database);
  }

  noteReceipts(receipts: readonly (readonly [LogPosition, string])[]): void {
    const note = this.#database.prepare('INSERT OR REPLACE INTO receipt VALUES (?, ?)');
    if (!this.#database.isTransaction) this.#database.exec('BEGIN');
    for (const [position, summary] of receipts) note.run(position, summary);
    this.commit();
  }

  /** For each position the first receipt at or after it, if there is one. */
  receiptsFrom(positions: readonly LogPosition[]): readonly (string | undefined)[] {
    const select = this.#database.prepare(
      'SELECT summary FROM receipt WHERE position >= ? ORDER BY position LIMIT 1',
    );
    return positions.map((position) => {
      const row = select.get(position);
      return row && String(row['summary']);
    });
  }

  reset(): void {
    this.#database.close();
    removeHistory(this.#file);
    [this.#database, this.#statements] = this.#open();
  }

  close(): void {
    this.snapshot();
    this.commit();
    this.#database.close();
  }

  #isSound(): boolean {
    try {
      return isSound(this.#database);
    } catch (error) {
      if (isDamage(error)) return false;
      throw error;
    }
  }

  #takeOne(text: string): void {
    const recorded = decodeRecordedEvent(text);
    const { position, event } = recorded;
    if (position !== this.#position + 1)
      throw new Error(`event ${position} does not follow on event ${this.#position}`);
    this.#moment = Math.max(this.#moment, Date.parse(recorded.time));
    const account = 'accountId' in event ? Number(event.accountId) : 0;
    this.#statements.event.run(position, this.#moment, STILL, account, text);
    for (const thing of new Set(touchesOf(recorded).map(numberOf)))
      this.#statements.touch.run(thing, position);
    for (const dead of this.#fold(recorded)) this.#statements.release.run(position, dead);
    this.#position = position;
    this.#newest = text;
  }

  /** Yields the positions of what no longer matters. */
  #fold(recorded: RecordedEvent): readonly LogPosition[] {
    this.#marks.take(recorded);
    return this.#survival.take(recorded).flatMap(({ owner, positions }) => {
      this.#marks.release(owner);
      return positions;
    });
  }

  #open(): [DatabaseSync, Statements] {
    const database = openHistoryDatabase(this.#file);
    this.#standAtEnd(database);
    return [database, statementsOn(database)];
  }

  /** What was taken in and is not put down is forgotten. */
  #goBack(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    this.#standAtEnd(this.#database);
  }

  #standAtEnd(database: DatabaseSync): void {
    const newest = database
      .prepare('SELECT position, moment, record FROM event ORDER BY position DESC')
      .get();
    this.#position = this.#committed = Number(newest?.['position'] ?? 0);
    this.#moment = Number(newest?.['moment'] ?? 0);
    this.#newest = newest && String(newest['record']);
    this.#snapshotAt = readSnapshot(database)?.position ?? 0;
    this.#isAwake = false;
  }

  /**
   * Folds what is in the file, from the snapshot on if there is one. Not before it is needed: whoever starts from the
   * snapshot is served first.
   */
  #wake(): void {
    const snapshot = readSnapshot(this.#database);
    this.#survival = new Survival();
    this.#marks = new Marks();
    const matter = snapshot ? survivorsAt(this.#database, snapshot.position) : new Float64Array();
    for (const text of recordsAt(this.#database, matter)) this.#fold(decodeRecordedEvent(text));
    this.#marks = new Marks(snapshot?.marks);
    const rest = this.#database.prepare('SELECT record FROM event WHERE position > ? ORDER BY position');
    for (const { record } of rest.iterate(snapshot?.position ?? 0))
      this.#fold(decodeRecordedEvent(String(record)));
    this.#isAwake = true;
  }
}

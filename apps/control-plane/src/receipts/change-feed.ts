import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Receipts, ReceiptSummary } from './receipts.js';

/** What is told of a change. */
interface Notice {
  readonly change: ReceiptSummary;
  readonly text: string;
}

const MOST_REMEMBERED = 10_000;
/** How soon a reader that was cut off comes back, in server-sent events' own words; it also lets the answer begin. */
const BEGINNING = 'retry: 1000\n\n';

/**
 * The newest notices of changes, as server-sent events: `opened` when a change is made, `settled` when no host is left
 * to wait for. They are kept once, whoever reads. Each reader goes on at its own pace, and one that is so slow that what
 * it should read next is forgotten is cut off.
 */
export class ChangeFeed {
  readonly #most: number;
  readonly #notices: Notice[] = [];
  /** Of the first notice that is remembered. */
  #first = 0;
  readonly #readers = new Set<Reader>();
  /** Numbers begin anew with each process. */
  readonly #name = randomUUID().slice(0, 8);

  constructor(receipts: Receipts, most = MOST_REMEMBERED) {
    this.#most = most;
    receipts.follow((change, isSettled) => this.#tell(change, isSettled));
  }

  /** Beginning after the notice of that id, or with all that is remembered when it isn't; without one, from now on. */
  read(after: string | undefined, isWanted: (change: ReceiptSummary) => boolean): Readable {
    const reader = new Reader({
      next: this.#numberAfter(after),
      isWanted,
      noticeAt: (number) => this.#notices[number - this.#first],
      onEnd: () => this.#readers.delete(reader),
    });
    this.#readers.add(reader);
    return reader;
  }

  #numberAfter(id: string | undefined): number {
    const end = this.#first + this.#notices.length;
    if (id === undefined) return end;
    const [name, number] = id.split('-');
    const next = Number(number) + 1;
    return name === this.#name && next >= this.#first && next <= end ? next : this.#first;
  }

  #tell(change: ReceiptSummary, isSettled: boolean): void {
    const id = `${this.#name}-${this.#first + this.#notices.length}`;
    const type = isSettled ? 'settled' : 'opened';
    this.#notices.push({ change, text: `event: ${type}\nid: ${id}\ndata: ${JSON.stringify(change)}\n\n` });
    const surplus = this.#notices.length - this.#most;
    // Many at a time: to take one from the front moves all the others.
    if (surplus > this.#most / 10) {
      this.#notices.splice(0, surplus);
      this.#first += surplus;
    }
    for (const reader of this.#readers) reader.goOn(this.#first);
  }
}

interface Reading {
  readonly next: number;
  readonly isWanted: (change: ReceiptSummary) => boolean;
  readonly noticeAt: (number: number) => Notice | undefined;
  readonly onEnd: () => void;
}

/** Takes notices as the other end takes them from it. */
class Reader extends Readable {
  readonly #reading: Reading;
  #next: number;
  #isAsked = false;

  constructor(reading: Reading) {
    super();
    this.#reading = reading;
    this.#next = reading.next;
    this.push(BEGINNING);
  }

  /** There is something new, and what was before `first` is forgotten. */
  goOn(first: number): void {
    if (this.#next < first) this.destroy(new Error('the reader of changes is too slow'));
    else if (this.#isAsked) this._read();
  }

  override _read(): void {
    this.#isAsked = true;
    for (let notice = this.#take(); notice; notice = this.#take()) {
      if (!this.#reading.isWanted(notice.change)) continue;
      this.#isAsked = this.push(notice.text);
      if (!this.#isAsked) return;
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#reading.onEnd();
    done(error);
  }

  #take(): Notice | undefined {
    const notice = this.#reading.noticeAt(this.#next);
    if (notice) this.#next++;
    return notice;
  }
}

import type { Bus } from '#libs/bus';
import type { Event, RecordedEvent } from '#libs/domain';
import type { Directory } from '#libs/projections';
import { RECEIPT_SUBJECT, type ReceiptNotice } from '#libs/protocol';
import { eventText } from './event-text.js';
import type { Receipts } from './receipts.js';

/** A change that is not enforced everywhere by then is announced as it stands. */
const PATIENCE_MS = 5000;

/** Tells whoever follows `rampart.receipt` of each change, and what became of it. */
export class ReceiptNotices {
  readonly #receipts: Receipts;
  readonly #directory: Directory;
  #bus: Bus | undefined;

  constructor(receipts: Receipts, directory: Directory) {
    this.#receipts = receipts;
    this.#directory = directory;
  }

  /** What was committed before is no news. */
  publishOn(bus: Bus): void {
    this.#bus = bus;
  }

  announce(commit: readonly RecordedEvent[]): void {
    if (this.#bus) void this.#publish(commit, this.#bus);
  }

  async #publish(commit: readonly RecordedEvent[], bus: Bus): Promise<void> {
    const last = commit.at(-1);
    if (!last) return;
    const { position, time, requestId } = last;
    const events = commit.map(({ event }) => event);
    const summary = summaryOf(events, this.#directory); // before what it names is gone
    const types = events.map(({ type }) => type);
    const { concerned, enforced, milliseconds } = await this.#receipts.wait(position, PATIENCE_MS);
    const receipt = { concerned, enforced, milliseconds };
    const notice: ReceiptNotice = { position, time, requestId, events: types, summary, ...receipt };
    bus.publish(RECEIPT_SUBJECT, JSON.stringify(notice));
  }
}

/** The first event that says most, and how many more there are. */
function summaryOf(events: readonly Event[], directory: Directory): string {
  const main = events.find(({ type }) => type !== 'RuleAuthorized' && type !== 'RuleRevoked') ?? events[0];
  if (!main) return '';
  const rest = events.length > 1 ? ` (+${events.length - 1})` : '';
  return eventText(main, directory) + rest;
}

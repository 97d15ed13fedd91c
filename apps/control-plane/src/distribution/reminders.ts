import type { HostId } from '#libs/domain';
import type { ReceiptBoard } from '../receipts/receipt-board.js';

interface Reminded {
  /** Not before that moment again. */
  readonly until: number;
  readonly pause: number;
}

const LOOK_MS = 250;
const FIRST_PAUSE_MS = 1000;
const LAST_PAUSE_MS = 60_000;
/** At one look: hosts that fell behind together are not to ask together. */
const MOST_AT_ONCE = 50;

/**
 * Repeats what was not confirmed in time: a host that has missed the change, or whose report was lost, is told to ask,
 * again and again after pauses that grow. Harmless when several do it.
 */
export class Reminders {
  readonly #receipts: Pick<ReceiptBoard, 'laggards'>;
  readonly #remind: (hostId: HostId) => void;
  readonly #reminded = new Map<HostId, Reminded>();
  #timer: NodeJS.Timeout | undefined;

  constructor(receipts: Pick<ReceiptBoard, 'laggards'>, remind: (hostId: HostId) => void) {
    this.#receipts = receipts;
    this.#remind = remind;
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(performance.now()), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(now: number): void {
    const late = this.#receipts.laggards(now);
    for (const hostId of this.#reminded.keys()) if (!late.has(hostId)) this.#reminded.delete(hostId);
    const due = late.keys().filter((hostId) => now >= (this.#reminded.get(hostId)?.until ?? 0));
    for (const hostId of due.take(MOST_AT_ONCE)) {
      this.#remind(hostId);
      const pause = Math.min(LAST_PAUSE_MS, 2 * (this.#reminded.get(hostId)?.pause ?? FIRST_PAUSE_MS / 2));
      this.#reminded.set(hostId, { pause, until: now + pause * (0.5 + Math.random() / 2) });
    }
  }
}

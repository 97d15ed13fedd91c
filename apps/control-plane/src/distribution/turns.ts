/**
 * Work that is done one piece at a time, with the event loop given back in between, so that a thousand who ask at once
 * keep nobody else waiting. Of each key the newest piece waits, in the place of the one before it; when too many wait,
 * the next is dropped.
 */
export class Turns {
  readonly #most: number;
  readonly #waiting = new Map<string, () => void>();
  #isTurning = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** False when there was no room. */
  add(key: string, work: () => void): boolean {
    if (this.#waiting.size >= this.#most && !this.#waiting.has(key)) return false;
    this.#waiting.set(key, work);
    if (!this.#isTurning) this.#next();
    return true;
  }

  #next(): void {
    this.#isTurning = this.#waiting.size > 0;
    if (this.#isTurning) setImmediate(() => this.#turn());
  }

  #turn(): void {
    const [first] = this.#waiting;
    try {
      if (first) this.#waiting.delete(first[0]);
      first?.[1]();
    } finally {
      this.#next();
    }
  }
}

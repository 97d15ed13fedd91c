/** Whether all has arrived is asked each time that so many bytes more are under way. */
const ASK_AFTER = 1024 * 1024;

/**
 * How much is under way to the server and not known to have arrived. A server that stops reading would else have all
 * that is published kept in memory without end; from `most` bytes on the rest is dropped, and once there is room again
 * it is as after a lost connection.
 */
export class Outflow {
  readonly #most: number;
  readonly #arrive: () => Promise<void>;
  readonly #recover: () => void;
  #underWay = 0;
  #isAsking = false;
  #hasDropped = false;

  /** `arrive` resolves when what was published before has arrived; `recover` is called after something was dropped. */
  constructor(most: number, arrive: () => Promise<void>, recover: () => void) {
    this.#most = most;
    this.#arrive = arrive;
    this.#recover = recover;
  }

  /** Whether so many bytes more may be published; then they are under way. */
  take(bytes: number): boolean {
    if (this.#underWay + bytes > this.#most) {
      this.#hasDropped = true;
      return false;
    }
    this.#underWay += bytes;
    if (this.#underWay >= ASK_AFTER && !this.#isAsking) {
      this.#isAsking = true;
      queueMicrotask(() => void this.#ask());
    }
    return true;
  }

  async #ask(): Promise<void> {
    const asked = this.#underWay;
    try {
      await this.#arrive();
    } catch {
      // The connection went away, and what was under way with it.
    }
    this.#underWay -= asked;
    this.#isAsking = false;
    if (!this.#hasDropped) return;
    this.#hasDropped = false;
    this.#recover();
  }
}

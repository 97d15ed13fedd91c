import type { LogPosition } from '#libs/domain';

interface Waiter extends PromiseWithResolvers<void> {
  readonly position: LogPosition;
}

/** Those who go on once all up to a position is taken in. */
export class Waiters {
  #waiting: Waiter[] = [];

  upTo(position: LogPosition): Promise<void> {
    const waiter = { position, ...Promise.withResolvers<void>() };
    this.#waiting.push(waiter);
    return waiter.promise;
  }

  /** So far has it come. */
  reach(position: LogPosition): void {
    if (this.#waiting.length === 0) return;
    const there = this.#waiting.filter((waiter) => waiter.position <= position);
    this.#waiting = this.#waiting.filter((waiter) => waiter.position > position);
    for (const { resolve } of there) resolve();
  }

  refuse(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

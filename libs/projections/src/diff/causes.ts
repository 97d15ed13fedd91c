import type { RecordedEvent } from '#libs/domain';
import { keyOf, keysOfEvent, type Change } from './change.js';

/** Finds the event that each of some changes is the outcome of: the last that did just that. */
export class Causes {
  readonly #found = new Map<string, RecordedEvent>();
  readonly #wanted: Set<string>;

  constructor(changes: readonly Change[]) {
    this.#wanted = new Set(changes.map(keyOf));
  }

  /** Whether older events have nothing more to tell. */
  get isComplete(): boolean {
    return this.#wanted.size === 0;
  }

  /** Takes in the event before all those that it was told of already. */
  take(recorded: RecordedEvent): void {
    for (const key of keysOfEvent(recorded.event))
      if (this.#wanted.delete(key)) this.#found.set(key, recorded);
  }

  of(change: Change): RecordedEvent | undefined {
    return this.#found.get(keyOf(change));
  }
}

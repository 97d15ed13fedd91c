import type { RecordedEvent } from '#libs/domain';
import { EventStoreError, type EventStore } from '#libs/event-store';
import { decodeRecordedEvent } from '#libs/protocol';
import type { Chance } from './chance.js';

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds));
const forEver = new Promise<never>(() => undefined);

/** A log that outlives whoever writes it, is slow, and at times full. */
export class SimulatedDisk {
  readonly texts: string[] = [];
  isFaulty = true;
  readonly #chance: Chance;
  #events: RecordedEvent[] = [];

  constructor(chance: Chance) {
    this.#chance = chance;
  }

  get events(): readonly RecordedEvent[] {
    const read = this.#events;
    for (const text of this.texts.slice(read.length)) read.push(decodeRecordedEvent(text));
    return read;
  }

  /** Only what a backup had is left. */
  restore(end: number): void {
    this.texts.length = end;
    this.#events = [];
  }

  /** As one process sees it. What it was about to write when it ends is written by then or never; it doesn't hear of it. */
  open(): { readonly store: EventStore; readonly end: () => void } {
    const life: { isOver: boolean; write?: () => boolean } = { isOver: false };
    const { texts } = this;
    const append: EventStore['append'] = async (expected, records) => {
      const write = (): boolean => {
        if (expected !== texts.length) return false;
        texts.push(...records);
        return true;
      };
      life.write = write;
      await sleep(this.#chance.below(10));
      if (life.isOver) return forEver;
      delete life.write;
      if (this.isFaulty && this.#chance.is(0.05)) throw new EventStoreError('the disk is full');
      const isFirst = write();
      await sleep(this.#chance.below(10));
      return life.isOver ? forEver : { appended: isFirst, end: texts.length };
    };
    const store: EventStore = {
      name: 'simulated',
      append,
      async *read(after) {
        await Promise.resolve();
        const found = texts.map((text, index) => ({ position: index + 1, text }));
        if (found.length > after) yield found.slice(after);
      },
      follow: () => {
        throw new Error('nobody else writes to a simulated disk');
      },
      end: async () => Promise.resolve(texts.length),
      [Symbol.asyncDispose]: async () => Promise.resolve(),
    };
    const end = (): void => {
      life.isOver = true;
      if (this.#chance.is(0.5)) life.write?.();
    };
    return { store, end };
  }
}

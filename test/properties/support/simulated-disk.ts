import type { RecordedEvent } from '#libs/domain';
import { EventStoreError, type EventStore, type StoredRecord } from '#libs/event-store';
import { decodeRecordedEvent } from '#libs/protocol';
import type { Chance } from './chance.js';

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => void setTimeout(resolve, milliseconds));
const forEver = new Promise<never>(() => undefined);

/** A log that outlives those who write it, is slow, and at times full. */
export class SimulatedDisk {
  readonly texts: string[] = [];
  isFaulty = true;
  readonly #chance: Chance;
  #events: RecordedEvent[] = [];
  #written = Promise.withResolvers<void>();

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

  /**
   * As one process sees it. What it was about to write when it ends is written by then or never; it doesn't hear of it.
   * At times a process is not told what became of an append, which may still come about.
   */
  open(): { readonly store: EventStore; readonly end: () => void } {
    const life: { isOver: boolean; write?: () => boolean } = { isOver: false };
    const soon = (): Promise<void> =>
      sleep(this.#chance.below(10)).then(() => (life.isOver ? forEver : undefined));
    const append: EventStore['append'] = async (expected, records) => {
      const write = (life.write = () => this.#write(expected, records));
      await soon();
      delete life.write;
      if (this.isFaulty && this.#chance.is(0.05)) throw new EventStoreError('the disk is full');
      if (this.isFaulty && this.#chance.is(0.05)) {
        if (this.#chance.is(0.7)) setTimeout(write, this.#chance.below(200));
        throw new EventStoreError('there is no answer', { isUncertain: true });
      }
      const isFirst = write();
      await soon();
      return { appended: isFirst, end: this.texts.length };
    };
    const store: EventStore = {
      name: 'simulated',
      append,
      read: (after) => this.#read(after, soon),
      follow: (after) => this.#follow(after, soon),
      end: () => soon().then(() => this.texts.length),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const end = (): void => {
      life.isOver = true;
      if (this.#chance.is(0.5)) life.write?.();
    };
    return { store, end };
  }

  #write(expected: number, records: readonly string[]): boolean {
    if (expected !== this.texts.length) return false;
    this.texts.push(...records);
    this.#written.resolve();
    this.#written = Promise.withResolvers();
    return true;
  }

  async *#read(after: number, soon: () => Promise<void>): AsyncIterable<readonly StoredRecord[]> {
    const found = this.texts.map((text, index) => ({ position: index + 1, text })).slice(after);
    if (this.isFaulty) await soon();
    if (found.length > 0) yield found;
  }

  /** In pages that may end within a commit. */
  async *#follow(after: number, soon: () => Promise<void>): AsyncIterable<readonly StoredRecord[]> {
    for (let position = after; ;) {
      if (this.texts.length <= position) await this.#written.promise;
      await soon();
      const found = this.texts.slice(position, position + 1 + this.#chance.below(5));
      if (found.length > 0) yield found.map((text, index) => ({ position: position + index + 1, text }));
      position += found.length;
    }
  }
}

import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { EventStoreError, type EventStore } from '#libs/event-store';

/** Long enough for the others to have their turn, short enough that most appends meet another. */
const PAUSE_MS = 10;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/**
 * Appends records that each name the hash of the one before, as control planes do: on top of what it and others have
 * appended, a few at a time, until it is told to stop. No two of its records are the same.
 */
export class ChainWriter {
  /** Where each record is that the store said is in the log. */
  readonly acknowledged = new Map<string, number>();
  /** Those that it said are not, and will not be. */
  readonly refused: string[] = [];
  /** How many appends it could say neither of. */
  uncertain = 0;
  readonly #name: string;
  readonly #store: EventStore;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #position = 0;
  #hash = hashOf('');
  #acknowledgement = Promise.withResolvers<void>();

  constructor(name: string, store: EventStore) {
    this.#name = name;
    this.#store = store;
    this.#done = this.#write();
  }

  /** Resolves when that many more appends have been acknowledged. */
  async progress(appends: number): Promise<void> {
    for (let left = appends; left > 0; left--)
      await Promise.race([this.#acknowledgement.promise, this.#done]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #write(): Promise<void> {
    for (let n = 0; !this.#stop.signal.aborted; n++) {
      await setTimeout(Math.random() * PAUSE_MS);
      const records: string[] = [];
      for (let k = 0; k <= n % 3; k++) {
        const before = records.at(-1);
        records.push(`${before === undefined ? this.#hash : hashOf(before)} ${this.#name}.${n}.${k}`);
      }
      await this.#append(records);
    }
  }

  async #append(records: readonly string[]): Promise<void> {
    try {
      const { appended } = await this.#store.append(this.#position, records);
      if (appended) this.#acknowledge(records);
      else {
        this.refused.push(...records);
        await this.#readOn();
      }
    } catch (error) {
      if (!(error instanceof EventStoreError)) throw error;
      if (error.isUncertain) this.uncertain++;
      else this.refused.push(...records);
      await this.#readOn().catch(() => undefined);
    }
  }

  #acknowledge(records: readonly string[]): void {
    for (const [index, record] of records.entries())
      this.acknowledged.set(record, this.#position + index + 1);
    this.#position += records.length;
    this.#hash = hashOf(records.at(-1) ?? '');
    this.#acknowledgement.resolve();
    this.#acknowledgement = Promise.withResolvers<void>();
  }

  async #readOn(): Promise<void> {
    for await (const page of this.#store.read(this.#position)) {
      const last = page.at(-1);
      if (last) [this.#position, this.#hash] = [last.position, hashOf(last.text)];
    }
  }
}

/** The position of the first record that does not name the hash of the one before it. */
export function brokenAt(texts: readonly string[]): number | undefined {
  const broken = texts.findIndex((text, index) => !text.startsWith(`${hashOf(texts[index - 1] ?? '')} `));
  return broken < 0 ? undefined : broken + 1;
}

import { EventEmitter, once } from 'node:events';

/** An event as it came over the wire; to us, bytes with a name. */
export interface StoredEvent {
  readonly id: string;
  readonly metadata: readonly (readonly [string, string])[];
  readonly data: Uint8Array;
}

/** What an append expects: the last event's revision, no stream at all, or nothing. */
export type Expected = bigint | 'no_stream' | 'any';

export type Written =
  | { readonly kind: 'success'; readonly revision: bigint }
  | { readonly kind: 'wrong-expected-version'; readonly current: bigint | undefined }
  | { readonly kind: 'too-large'; readonly limit: number };

/** The streams of a cluster: its nodes share one of these. Rules as in KurrentDB, where our store relies on them. */
export class StoredStreams {
  readonly #streams = new Map<string, StoredEvent[]>();
  readonly #changes = new EventEmitter().setMaxListeners(0);
  /** KurrentDB's own default is 1 MiB; what we tell people to set is the most that it takes. */
  maxAppendSize = 16 * 1024 * 1024;

  of(stream: string): readonly StoredEvent[] | undefined {
    return this.#streams.get(stream);
  }

  append(stream: string, expected: Expected, events: readonly StoredEvent[]): Written {
    const size = events.reduce((sum, { data }) => sum + data.length, 0);
    if (size > this.maxAppendSize) return { kind: 'too-large', limit: this.maxAppendSize };
    const stored = this.#streams.get(stream) ?? [];
    const next = nextAfter(expected, stored.length);
    if (next !== stored.length) {
      // The same events at the same place: a retry of what had landed.
      const isThere = events.length > 0 && events.every(({ id }, index) => stored[next + index]?.id === id);
      return isThere
        ? { kind: 'success', revision: BigInt(next + events.length - 1) }
        : { kind: 'wrong-expected-version', current: lastOf(stored) };
    }
    stored.push(...events);
    if (stored.length > 0) this.#streams.set(stream, stored);
    this.#changes.emit('change');
    return { kind: 'success', revision: BigInt(stored.length - 1) };
  }

  /** Removes a stream's first events, as `$maxCount` and scavenging do. */
  truncate(stream: string, count: number): void {
    const stored = this.#streams.get(stream) ?? [];
    for (let index = 0; index < count; index++) Reflect.deleteProperty(stored, index);
  }

  /** Resolves when something is appended, and at once when it has been since `seen` events were there. */
  async changed(stream: string, seen: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && (this.of(stream)?.length ?? 0) <= seen)
      await once(this.#changes, 'change', { signal }).catch(() => undefined);
  }
}

const nextAfter = (expected: Expected, length: number): number => {
  if (expected === 'any') return length;
  return expected === 'no_stream' ? 0 : Number(expected) + 1;
};

const lastOf = (stored: readonly StoredEvent[]): bigint | undefined =>
  stored.length > 0 ? BigInt(stored.length - 1) : undefined;

/**
 * What it takes to undo the newest changes of a state that is folded in place.
 *
 * Decisions are made on top of events that are still being written; when that write fails, they are taken back.
 * Costs one closure a change, so replay, which never takes anything back, goes without.
 */
export class UndoLog {
  #inverses: (() => void)[] = [];
  /** Off while history is replayed, which is never taken back. */
  isRecording = true;

  record(inverse: () => void): void {
    this.#inverses.push(inverse);
  }

  /** A mark to go back to. Only valid until the next `forget`. */
  get mark(): number {
    return this.#inverses.length;
  }

  rollback(to = 0): void {
    for (const inverse of this.#inverses.splice(to).reverse()) inverse();
  }

  /** What lies before the mark is final. */
  forget(before: number): void {
    this.#inverses = this.#inverses.slice(before);
  }
}

export function put<K, V>(undo: UndoLog | undefined, map: Map<K, V>, key: K, value: V): void {
  if (undo?.isRecording) {
    const old = map.get(key);
    undo.record(old === undefined ? () => map.delete(key) : () => map.set(key, old));
  }
  map.set(key, value);
}

export function remove<K, V>(undo: UndoLog | undefined, map: Map<K, V>, key: K): void {
  if (undo?.isRecording) {
    const old = map.get(key);
    if (old !== undefined) undo.record(() => map.set(key, old));
  }
  map.delete(key);
}

/** Counts what refers to a key; the key goes with its last reference. */
export function count<K>(undo: UndoLog | undefined, counts: Map<K, number>, key: K, by: 1 | -1): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next === 0) remove(undo, counts, key);
  else put(undo, counts, key, next);
}

import { appendFileSync, existsSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import type { Delta, SyncReply } from '#libs/protocol';

/** What is kept: a whole state first, then what changed since, one JSON text a line. */
export type StateEntry = { readonly sync: SyncReply } | { readonly delta: Delta };

/** After so many changes the file is written anew, as one whole state. */
const ENTRIES_BEFORE_REWRITE = 1000;

/**
 * The last enforced state, so that the kernel is right before the network is. A change is written down before the
 * kernel is told: an agent that is killed in between comes back with what the kernel has, or with what it was about to
 * be told, and never with something older.
 */
export class StateFile {
  readonly #path: string;
  #entries = 0;
  /** Something is missing in it, because it could not be written. */
  #isBehind = false;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Everything up to the first line that is damaged: what follows is fetched again by the next sync. It is cut off, as
   * whatever is appended after it could not be read either.
   */
  read(): readonly StateEntry[] {
    if (!existsSync(this.#path)) return [];
    const entries: StateEntry[] = [];
    const text = readFileSync(this.#path);
    let end = 0;
    for (let next = text.indexOf('\n'); next >= 0; next = text.indexOf('\n', end)) {
      const entry = parseEntry(text.toString('utf8', end, next));
      if (!entry) break;
      entries.push(entry);
      end = next + 1;
    }
    if (end < text.length) truncateSync(this.#path, end);
    this.#entries = entries.length;
    return entries;
  }

  /** Throws when the disk is full or broken; what is missing then comes with the next `compact` that succeeds. */
  append(entries: readonly StateEntry[]): void {
    if (this.#isBehind) return;
    this.#isBehind = true;
    appendFileSync(this.#path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), {
      mode: 0o600,
    });
    this.#isBehind = false;
    this.#entries += entries.length;
  }

  /** Replaces the file in one step when it has grown or lacks something; `whole` is only asked for then. */
  compact(whole: () => SyncReply): void {
    if (!this.#isBehind && this.#entries < ENTRIES_BEFORE_REWRITE) return;
    writeFileSync(`${this.#path}.new`, `${JSON.stringify({ sync: whole() } satisfies StateEntry)}\n`, {
      mode: 0o600,
    });
    renameSync(`${this.#path}.new`, this.#path);
    this.#entries = 1;
    this.#isBehind = false;
  }
}

function parseEntry(line: string): StateEntry | undefined {
  try {
    return JSON.parse(line) as StateEntry;
  } catch {
    return undefined;
  }
}

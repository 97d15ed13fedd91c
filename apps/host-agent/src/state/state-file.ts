import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Delta, SyncReply } from '#libs/protocol';

/** What is kept: a whole state first, then what changed since, one JSON text a line, after its checksum. */
export type StateEntry = { readonly sync: SyncReply } | { readonly delta: Delta };

/** Below this many bytes of changes it never pays to write the file anew. */
const LEAST_CHANGES = 256 * 1024;
const CHECKSUM_LENGTH = 8;

/**
 * The last enforced state, so that the kernel is right before the network is. A change is written down before the
 * kernel is told: an agent that is killed in between comes back with what the kernel has, or with what it was about to
 * be told, and never with something older.
 */
export class StateFile {
  readonly #path: string;
  /** Bytes of the first line, which is the whole state, and of what has come after it. */
  #whole = 0;
  #changes = 0;
  /** Something is missing in it, because it could not be written. */
  #isBehind = false;
  /** Kept open between changes: to open it costs as much as to write. */
  #appending: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * All of it, or nothing when a line of it is damaged: what comes before may be older than what was enforced, and so
   * let through what is revoked. A last line without its end is cut off: the kernel was never told of it.
   */
  read(): readonly StateEntry[] {
    if (!existsSync(this.#path)) return [];
    const entries: StateEntry[] = [];
    const text = readFileSync(this.#path);
    let end = 0;
    for (let next = text.indexOf('\n'); next >= 0; next = text.indexOf('\n', end)) {
      const entry = parseEntry(text.toString('utf8', end, next));
      if (!entry) return this.#discard();
      end = next + 1;
      if (entries.push(entry) === 1) this.#whole = end;
    }
    if (end < text.length) truncateSync(this.#path, end);
    this.#changes = end - this.#whole;
    return entries;
  }

  /**
   * Throws when the disk is full or broken. Then there is no file until the next `compact` that succeeds: a restart is to
   * keep what the kernel has, and not to come back with something older.
   */
  append(entries: readonly StateEntry[]): void {
    if (this.#isBehind) return;
    this.#isBehind = true;
    const lines = entries.map(lineFrom).join('');
    try {
      appendFileSync((this.#appending ??= openSync(this.#path, 'a', 0o600)), lines);
    } catch (error) {
      this.#endAppending();
      rmSync(this.#path, { force: true });
      throw error;
    }
    this.#isBehind = false;
    this.#changes += Buffer.byteLength(lines);
  }

  /**
   * Replaces the file in one step when it lacks something, or when its changes are as long as the state that they
   * change: so a change costs the same in the long run, however large the state is. `whole` is only asked for then.
   */
  compact(whole: () => SyncReply): void {
    if (!this.#isBehind && this.#changes < Math.max(LEAST_CHANGES, this.#whole)) return;
    const line = lineFrom({ sync: whole() });
    writeFileSync(`${this.#path}.new`, line, { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
    this.#endAppending();
    this.#whole = Buffer.byteLength(line);
    this.#changes = 0;
    this.#isBehind = false;
  }

  #endAppending(): void {
    if (this.#appending !== undefined) closeSync(this.#appending);
    this.#appending = undefined;
  }

  #discard(): readonly StateEntry[] {
    rmSync(this.#path, { force: true });
    this.#whole = 0;
    return [];
  }
}

function lineFrom(entry: StateEntry): string {
  const text = JSON.stringify(entry);
  return `${checksumOf(text)} ${text}\n`;
}

/** A changed digit would still be JSON, and be enforced for ever: its chain stands where it should. */
function parseEntry(line: string): StateEntry | undefined {
  const text = line.slice(CHECKSUM_LENGTH + 1);
  if (line.slice(0, CHECKSUM_LENGTH) !== checksumOf(text)) return undefined;
  return JSON.parse(text) as StateEntry;
}

const checksumOf = (text: string): string => crc32(text).toString(16).padStart(CHECKSUM_LENGTH, '0');

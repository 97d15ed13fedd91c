import { appendFile, rename } from 'node:fs/promises';
import { readFileSync } from 'node:fs';

/** Beyond this the file becomes `FILE.1`, which takes the place of the one before. */
const MOST_BYTES = 10 * 1024 * 1024;
/** Lines that may wait for a disk that does not answer; more are left out. */
const MOST_WAITING = 10_000;

/** Lines appended to a file of bounded size, one write at a time. Nobody waits for it, and nothing fails with it. */
export class RefusalFile {
  readonly #file: string;
  readonly #warn: (message: string) => void;
  #size: number;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  /** Said once for each time that it begins. */
  #isFailing = false;

  constructor(file: string, warn: (message: string) => void) {
    this.#file = file;
    this.#warn = warn;
    this.#size = this.text.length;
  }

  /** What is in it; nothing, while it can't be read. */
  get text(): string {
    try {
      return readFileSync(this.#file, 'utf8');
    } catch {
      return ''; // not there yet; why it can't be written is told when it is
    }
  }

  append(line: string): void {
    if (this.#waiting.length >= MOST_WAITING) return;
    this.#waiting.push(`${line}\n`);
    this.#writing ??= this.#write();
  }

  /** Resolves when nothing waits. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const text = this.#waiting.join('');
      this.#waiting = [];
      try {
        await this.#makeRoom();
        await appendFile(this.#file, text, { mode: 0o640 });
        this.#size += Buffer.byteLength(text);
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing)
          this.#warn(`refusals can't be written to ${this.#file}: ${(error as Error).message}`);
        this.#isFailing = true;
      }
    }
    this.#writing = undefined;
  }

  async #makeRoom(): Promise<void> {
    if (this.#size < MOST_BYTES) return;
    await rename(this.#file, `${this.#file}.1`);
    this.#size = 0;
  }
}

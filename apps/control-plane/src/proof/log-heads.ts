import { appendFile } from 'node:fs/promises';
import type { Bus } from '#libs/bus';
import { LOG_HEAD_SUBJECT, signHead, type ChainEnd, type SignedHead } from '#libs/protocol';
import type { SigningKey } from './signing-key.js';

/** A head is signed after so many events, */
const EVERY_EVENTS = 1000;
/** or so long after the first one that no head vouches for. */
const EVERY_MS = 10_000;

export interface LogHeadsOptions {
  /** Whose log it is. */
  readonly cell: string;
  /** Without it, nothing is signed. */
  readonly key: SigningKey | undefined;
  /** Appended to, one line of JSON each. */
  readonly file: string | undefined;
  readonly warn: (message: string) => void;
}

/** Signs where the log ends every now and then, so that whoever keeps that finds out when history is written anew. */
export class LogHeads implements AsyncDisposable {
  readonly #options: LogHeadsOptions;
  #followed: { readonly end: () => ChainEnd; readonly bus: Bus } | undefined;
  #signed = 0;
  #timer: NodeJS.Timeout | undefined;
  #appended: Promise<void> = Promise.resolve();

  constructor(options: LogHeadsOptions) {
    this.#options = options;
  }

  /** From now on; what was written before may have no head yet. */
  follow(end: () => ChainEnd, bus: Bus): void {
    this.#followed = { end, bus };
    this.#setTimer();
  }

  /** Of the end of the log as it is now; undefined when there is no key to sign it with. */
  head(): SignedHead | undefined {
    const { cell, key } = this.#options;
    if (!key || !this.#followed) return undefined;
    const head = { cell, ...this.#followed.end(), time: new Date().toISOString() };
    return signHead(head, key.privateKey, key.keyId);
  }

  /** To be called after every commit; most do nothing. */
  noticeChange(): void {
    if (!this.#followed) return;
    if (this.#followed.end().position - this.#signed >= EVERY_EVENTS) this.#publish();
    else this.#setTimer();
  }

  /** Signs what no head vouches for yet, and is done when that is in the file. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#publish();
    await this.#appended;
  }

  #setTimer(): void {
    if (this.#options.key) this.#timer ??= setTimeout(() => this.#publish(), EVERY_MS).unref();
  }

  #publish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const head = this.head();
    if (!head || head.position === this.#signed) return;
    this.#signed = head.position;
    const text = JSON.stringify(head);
    this.#followed?.bus.publish(LOG_HEAD_SUBJECT, text);
    const { file } = this.#options;
    if (file !== undefined) this.#appended = this.#appended.then(() => this.#append(file, text));
  }

  async #append(file: string, text: string): Promise<void> {
    try {
      await appendFile(file, `${text}\n`);
    } catch (error) {
      this.#options.warn(`a head of the log could not be added to ${file}: ${(error as Error).message}`);
    }
  }
}

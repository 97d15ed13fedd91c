import { createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isSignedBy, keyIdOf, parseSignedHead, type ChainEnd, type SignedHead } from '#libs/protocol';
import { UsageError } from '../../usage-error.js';
import { fileTrouble } from './file-trouble.js';
import { linesOf } from './lines.js';

/** Heads that were signed and kept elsewhere, to be held against a log as it is walked through. */
export class NotedHeads {
  readonly #heads: readonly SignedHead[];
  #met = 0;

  /** In any order. */
  constructor(heads: readonly SignedHead[]) {
    this.#heads = heads.toSorted((one, other) => one.position - other.position);
  }

  get size(): number {
    return this.#heads.length;
  }

  /** What is wrong, if a head was signed at this place of the log and says otherwise. */
  meet({ position, hash }: ChainEnd): string | undefined {
    for (; this.#heads[this.#met]?.position === position; this.#met++) {
      const head = this.#heads[this.#met];
      if (head && head.hash !== hash)
        return `event ${position}: it, or one before it, is not what it was at ${head.time}, when the head there was signed: the log was written anew${this.#soFar()}`;
    }
    return undefined;
  }

  /** What is wrong, if heads were signed beyond the log's end. */
  beyond({ position }: ChainEnd): string | undefined {
    const head = this.#heads[this.#met];
    return (
      head &&
      `the log ends with event ${position}, and had ${head.position} at ${head.time}, when the head there was signed: its end was cut off${this.#soFar()}`
    );
  }

  #soFar(): string {
    const before = this.#heads[this.#met - 1];
    return before ? `; up to event ${before.position} it is as it was signed at ${before.time}` : '';
  }
}

/** The heads in a file, one a line, each signed by one of the keys. */
export async function readHeads(file: string, keyFiles: readonly string[]): Promise<NotedHeads> {
  const keys = new Map(keyFiles.map(readKey).map((key) => [keyIdOf(key), key]));
  const heads: SignedHead[] = [];
  let number = 0;
  if (!existsSync(file)) throw new UsageError(`--heads '${file}' is not there`);
  for await (const line of linesOf(file)) {
    number += 1;
    const no = (problem: string): UsageError => new UsageError(`${file}, line ${number}: ${problem}`);
    const head = parseSignedHead(line);
    if (!head) throw no('it is no signed head');
    const key = keys.get(head.keyId);
    if (!key) throw no(`it is signed by the key ${head.keyId}, which is none of those given by --key`);
    if (!isSignedBy(head, key))
      throw no(`its signature is not of what it says: it was edited, or made without the key`);
    heads.push(head);
  }
  if (heads.length === 0) throw new UsageError(`${file} holds no heads`);
  return new NotedHeads(heads);
}

/** The public half, of whichever half the file holds. */
function readKey(file: string): KeyObject {
  try {
    return createPublicKey(readFileSync(file));
  } catch (error) {
    const trouble = fileTrouble(error, `--key '${file}'`, 'read');
    if (trouble !== error) throw trouble;
    const fix = "give what 'rampart log key' made, or the file with .pub beside it";
    throw new UsageError(`--key '${file}' is no key in PEM: ${fix}`, { cause: error });
  }
}

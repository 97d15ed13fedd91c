import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** The lines of a file, or of standard input for `-`; a last line without its end is left out: it was cut off. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  const handle = file === '-' ? undefined : await open(file);
  const input = handle?.createReadStream({ autoClose: true }) ?? process.stdin;
  let held: string | undefined;
  let isEnded = false;
  input.on('data', (chunk: Buffer) => (isEnded = chunk.at(-1) === NEWLINE));
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (held !== undefined) yield held;
    held = line;
  }
  if (held !== undefined && isEnded) yield held;
}

const NEWLINE = 0x0a;

/** Bytes and lines up to the last whole line of a file; nothing of one that is not there. */
export async function wholeLinesIn(
  file: string,
): Promise<{ readonly bytes: number; readonly last: string | undefined }> {
  if (!existsSync(file)) return { bytes: 0, last: undefined };
  let bytes = 0;
  let last: string | undefined;
  for await (const line of linesOf(file)) {
    bytes += Buffer.byteLength(line) + 1;
    last = line;
  }
  return { bytes, last };
}

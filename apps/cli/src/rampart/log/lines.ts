import { existsSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileTrouble } from './file-trouble.js';

/** The lines of a file, or of standard input for `-`; a last line without its end is left out: it was cut off. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  let held: string | undefined;
  let isEnded = false;
  let handle: FileHandle | undefined;
  try {
    handle = file === '-' ? undefined : await open(file);
    const input = handle?.createReadStream() ?? process.stdin;
    input.on('data', (chunk: Buffer) => (isEnded = chunk.at(-1) === NEWLINE));
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      if (held !== undefined) yield held;
      held = line;
    }
  } catch (error) {
    throw fileTrouble(error, file, 'read');
  } finally {
    await handle?.close(); // also where nobody reads on
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

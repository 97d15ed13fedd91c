import { readFile } from 'node:fs/promises';
import type { Terminal } from '../../terminal.js';
import { UsageError } from '../../usage-error.js';

/** What a file of changes holds: the changes alone, or with what they expect. What they mean the control plane knows. */
export interface ChangeSetFile {
  readonly changes: readonly unknown[];
  readonly expected?: unknown;
}

/** From a file, or from standard input for `-`. */
export async function readChangeSet(file: string, { read }: Terminal): Promise<ChangeSetFile> {
  const name = file === '-' ? 'standard input' : file;
  const content = parseJson(file === '-' ? await read() : await textOf(file), name);
  if (Array.isArray(content)) return { changes: content };
  const { changes, expected, ...others } = Object(content) as Partial<ChangeSetFile>;
  if (!Array.isArray(changes))
    throw new UsageError(`${name}: no list of changes: write {"changes": [{"type": "AuthorizeRules", …}]}`);
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new UsageError(`${name}: '${unknown}' means nothing here: there are changes and expected`);
  return { changes, ...(expected === undefined ? {} : { expected }) };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} can't be read: ${(error as Error).message}`, { cause: error });
  }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const [problem = message] = message.split(/, "| in JSON at position|, \.\.\./);
    throw new UsageError(`${name} is no JSON: ${placeOf(message, text)}${problem}`, { cause: error });
  }
}

/** Of some mistakes JSON.parse names no place: there, it is where the text begins to be one of them. */
function placeOf(message: string, text: string): string {
  const [, position] = /at position ([0-9]+)/.exec(message) ?? [];
  const at = position === undefined ? firstUnexpected(text) : Number(position);
  const before = text.slice(0, at).split('\n');
  return `line ${before.length}, column ${(before.at(-1) ?? '').length + 1}: `;
}

function firstUnexpected(text: string): number {
  let [sound, mistaken] = [0, text.length + 1];
  while (mistaken - sound > 1) {
    const middle = (sound + mistaken) >> 1;
    if (isMistaken(text.slice(0, middle))) mistaken = middle;
    else sound = middle;
  }
  return sound;
}

/** Whether the beginning of a text can't be gone on with, other than for being cut off. */
function isMistaken(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return false;
  } catch (error) {
    return (error as Error).message.startsWith('Unexpected token');
  }
}

import { createWriteStream, statSync, truncateSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { openEventStore, type EventStore } from '#libs/event-store';
import { hashOfStored } from '#libs/protocol';
import { UsageError } from '../../usage-error.js';
import { fileTrouble } from './file-trouble.js';
import { wholeLinesIn } from './lines.js';
import type { LogCommand } from './log-command.js';
import { progressOf } from './progress.js';
import { existingLogIn } from './where.js';

/** A file that holds the beginning of this log is gone on with; its last line must be an event of it. */
export const exportLog: LogCommand = {
  summary: 'Writes a log as JSON Lines, one event a line, just as it is stored. Goes on where it left off.',
  operands: '<file>',
  completes: 'file',
  flags: [],
  examples: [
    ['events.jsonl', 'what has come since the last time is added'],
    ['-', 'to standard output, for another program'],
  ],
  run: async (given, terminal) => {
    const address = existingLogIn(given, terminal);
    const [file = ''] = given.operands;
    const progress = progressOf(terminal, 'exported up to event');
    if (file === '-') {
      await using store = await openEventStore(address);
      await pipeline(linesAfter(0, store, progress), process.stdout, { end: false }).catch(unlessNobodyReads);
      return 0;
    }
    const { bytes, last } = await wholeLinesIn(file);
    const lastPosition = last === undefined ? 0 : positionIn(last);
    if (lastPosition === undefined || (bytes === 0 && sizeOf(file) > 0))
      throw new UsageError(`${file} is there already and is no export of a log: export to another file`);
    await using store = await openEventStore(address);
    if (last !== undefined) await mustHold(store, lastPosition, last, file);
    if (bytes > 0) truncateSync(file, bytes); // a line that was cut off
    let position = lastPosition;
    const note = (done: number): void => progress((position = done));
    const output = createWriteStream(file, { flags: 'a', mode: 0o600 });
    await pipeline(linesAfter(lastPosition, store, note), output).catch((error: unknown) => {
      throw fileTrouble(error, file, 'written');
    });
    terminal.out(`EXPORTED\t${lastPosition + 1}\t${position}\n`);
    return 0;
  },
};

async function* linesAfter(
  after: number,
  store: EventStore,
  note: (position: number) => void,
): AsyncGenerator<string> {
  for await (const page of store.read(after)) {
    yield page.map(({ text }) => `${text}\n`).join('');
    note(page.at(-1)?.position ?? after);
  }
}

/** A reader that has seen enough is no failure. */
function unlessNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Undefined where that is no event. */
function positionIn(line: string): number | undefined {
  try {
    const { position } = Object(JSON.parse(line)) as { readonly position?: unknown };
    return typeof position === 'number' && position >= 1 ? position : undefined;
  } catch {
    return undefined; // no JSON
  }
}

async function mustHold(store: EventStore, position: number, last: string, file: string): Promise<void> {
  for await (const [record] of store.read(position - 1)) {
    if (record && hashOfStored(record.text) === hashOfStored(last)) return;
    break;
  }
  throw new UsageError(`${file} ends with an event that this log does not have: export to another file`);
}

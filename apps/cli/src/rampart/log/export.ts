import { once } from 'node:events';
import { createWriteStream, truncateSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { openEventStore } from '#libs/event-store';
import { hashOfStored } from '#libs/protocol';
import { UsageError } from '../../usage-error.js';
import { wholeLinesIn } from './lines.js';
import type { LogCommand } from './log-command.js';
import { progressOf } from './progress.js';
import { logIn } from './where.js';

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
    const address = logIn(given, terminal);
    const [file = ''] = given.operands;
    const { bytes, last } = file === '-' ? { bytes: 0, last: undefined } : await wholeLinesIn(file);
    await using store = await openEventStore(address);
    const from = await positionAfter(last, store, file);
    if (bytes > 0) truncateSync(file, bytes); // a line that was cut off
    const output = file === '-' ? process.stdout : createWriteStream(file, { flags: 'a', mode: 0o600 });
    const progress = progressOf(terminal, 'exported up to event');
    let position = from;
    for await (const page of store.read(from)) {
      const text = page.map((record) => `${record.text}\n`).join('');
      if (!output.write(text)) await once(output, 'drain');
      position = page.at(-1)?.position ?? position;
      progress(position);
    }
    if (output !== process.stdout) {
      output.end();
      await finished(output);
      terminal.out(`EXPORTED\t${from + 1}\t${position}\n`);
    }
    return 0;
  },
};

async function positionAfter(
  last: string | undefined,
  store: Awaited<ReturnType<typeof openEventStore>>,
  file: string,
): Promise<number> {
  if (last === undefined) return 0;
  const { position } = JSON.parse(last) as { readonly position: number };
  for await (const [record] of store.read(position - 1)) {
    if (record && hashOfStored(record.text) === hashOfStored(last)) return position;
    break;
  }
  throw new UsageError(`${file} ends with an event that this log does not have: export to another file`);
}

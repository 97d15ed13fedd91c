import type { Given } from './flags.js';
import { UsageError } from './usage-error.js';

/**
 * As in the classic tools, `-` for a value stands for the lines of standard input. None at all is refused: describing
 * or changing "everything" is not what an empty pipe means.
 */
export async function expandFromStandardInput(
  given: Given,
  operands: string,
  read: () => Promise<string>,
): Promise<void> {
  const times = given.count('-');
  if (times === 0) return;
  if (times > 1) throw new UsageError("'-' is given twice: standard input can be read once");
  const lines = linesOf(await read());
  if (lines.length === 0)
    throw new UsageError("'-' reads values from standard input, one a line, and there are none");
  given.expand((value) => (value === '-' ? lines : [value]));
  if (!operands.includes('...') && given.operands.length > 1)
    throw new UsageError(
      `'-' brought ${lines.length} values, and this takes one ${operands}: call it once for each, as with xargs -n 1`,
    );
}

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

import type { Flag } from './flags.js';
import type { Row } from './rows.js';
import { UsageError } from './usage-error.js';

const DEFAULT_SECONDS = '10';

export const WAIT_FLAG: Flag = {
  flags: '--wait [seconds]',
  says: `wait until every host concerned enforces the change; ${DEFAULT_SECONDS} s at most unless said otherwise`,
};

/**
 * `--wait web` is a bare `--wait` and a group; only a number after it is its value. Done before parsing, since a
 * parser takes whatever follows.
 */
export const withBareWaitSpelledOut = (args: readonly string[]): string[] =>
  args.map((arg, index) =>
    arg === '--wait' && !/^[0-9.]+$/.test(args[index + 1] ?? '') ? `--wait=${DEFAULT_SECONDS}` : arg,
  );

export function parseWait(seconds: string): string {
  if (/^[0-9]+(\.[0-9]+)?$/.test(seconds)) return seconds;
  throw new UsageError(`--wait '${seconds}' is no number of seconds: write --wait 5, or --wait alone`);
}

/** How far a change has come by the time of the answer. */
export interface Enforcement {
  readonly row: Row;
  /** Undefined when every host concerned enforces the change. */
  readonly complaint: string | undefined;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export function enforcementFrom(headers: Headers, seconds: string): Enforcement {
  const text = (name: string): string => String(headers[`x-rampart-${name}`] ?? '');
  const [proportion, enforced, concerned] = /^([0-9]+)\/([0-9]+)$/.exec(text('enforced')) ?? [];
  if (!proportion)
    return {
      row: ['ENFORCED', 'unknown', undefined],
      complaint: 'whether hosts enforce the change is unknown: the answer came without x-rampart-enforced',
    };
  return {
    row: ['ENFORCED', proportion, `${tenths(text('milliseconds'))}ms`],
    complaint:
      enforced === concerned
        ? undefined
        : `not enforced everywhere within ${seconds} s: ${proportion} hosts have change ${text('position')}; the others get it as soon as they can, see 'rampart hosts'${missing(text('waiting-for'), text('refused'))}`,
  };
}

const tenths = (milliseconds: string): number => Math.round(Number(milliseconds) * 10) / 10;

/** By name, and why, as far as the control plane says. */
function missing(waitingFor: string, refused: string): string {
  const hosts = waitingFor && `; waiting for ${waitingFor.replaceAll(',', ', ')}`;
  return hosts + (refused && `; refused by ${refused}`);
}

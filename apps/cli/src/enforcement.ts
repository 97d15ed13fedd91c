import type { Flag, Given } from './flags.js';
import type { Row } from './rows.js';
import { UsageError } from './usage-error.js';

const DEFAULT_SECONDS = '10';
const MOST_SECONDS = 60;

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

/** Seconds; undefined when nobody waits. */
export function waitIn(given: Given): string | undefined {
  const seconds = given.one('--wait');
  if (seconds === undefined) return undefined;
  if (!/^[0-9]+(\.[0-9]+)?$/.test(seconds))
    throw new UsageError(`--wait '${seconds}' is no number of seconds: write --wait 5, or --wait alone`);
  if (Number(seconds) > MOST_SECONDS)
    throw new UsageError(`--wait '${seconds}' is too long: ${MOST_SECONDS} s are the most`);
  return seconds;
}

/** How far a change has come by the time of the answer. */
export interface Enforcement {
  readonly row: Row;
  /** Undefined when every host concerned enforces the change. */
  readonly complaint: string | undefined;
}

/** What the control plane says of a change that was waited for. */
export interface Progress {
  readonly position: number | string;
  readonly enforced: number;
  readonly concerned: number;
  readonly milliseconds: number;
  /** Hosts that do not have it, and what is known of each. */
  readonly laggards: string;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** As it is in the headers of an answer in EC2's words. */
export function progressFrom(headers: Headers): Progress | undefined {
  const text = (name: string): string => String(headers[`x-rampart-${name}`] ?? '');
  const [proportion, enforced, concerned] = /^([0-9]+)\/([0-9]+)$/.exec(text('enforced')) ?? [];
  if (!proportion) return undefined;
  return {
    position: text('position'),
    enforced: Number(enforced),
    concerned: Number(concerned),
    milliseconds: Number(text('milliseconds')),
    laggards: text('laggards'),
  };
}

export function enforcementOf(progress: Progress | undefined, seconds: string): Enforcement {
  if (!progress)
    return {
      row: ['ENFORCED', 'unknown', undefined],
      complaint: 'whether hosts enforce the change is unknown: the answer came without x-rampart-enforced',
    };
  const { position, enforced, concerned, milliseconds, laggards } = progress;
  const row: Row = ['ENFORCED', `${enforced}/${concerned}`, `${Math.round(milliseconds * 10) / 10}ms`];
  if (enforced === concerned) return { row, complaint: undefined };
  const others = `the others get it as soon as they can, see 'rampart hosts'${laggards && `: ${laggards}`}`;
  const complaint = `not enforced everywhere within ${seconds} s: ${enforced}/${concerned} hosts have change ${position}; ${others}`;
  return { row, complaint };
}

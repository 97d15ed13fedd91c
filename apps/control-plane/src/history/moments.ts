import { NoSuchMomentError, type AskedMoment } from './history.js';

const UNITS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A place in the log, or a moment in milliseconds since 1970. */
export type Moment = { readonly position: number } | { readonly milliseconds: number };

/** Understands a position, how long ago (`10m`), and ISO 8601; throws a NoSuchMomentError for anything else. */
export function parseMoment({ field, text }: AskedMoment, now: number): Moment {
  if (/^[0-9]{1,15}$/.test(text)) return { position: Number(text) };
  const [, count, unit] = /^([0-9]{1,9})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined) return { milliseconds: now - Number(count) * UNITS[unit as keyof typeof UNITS] };
  const isIso = /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]{5,15}(?:Z|[+-][0-9]{2}:[0-9]{2}))?$/.test(text);
  const milliseconds = isIso ? Date.parse(text) : NaN;
  if (!Number.isNaN(milliseconds)) return { milliseconds };
  throw new NoSuchMomentError(
    `${field} '${text.slice(0, 100)}' is no moment: use a position of the log, a time such as 2026-11-25T17:30:00Z, or how long ago such as 10m`,
  );
}

/** Whether the one is told to be later than the other, in the same words: two times, or two positions. */
export function isLater(one: AskedMoment, other: AskedMoment, now: number): boolean {
  const [first, second] = [parseMoment(one, now), parseMoment(other, now)];
  if ('milliseconds' in first && 'milliseconds' in second) return first.milliseconds > second.milliseconds;
  return 'position' in first && 'position' in second && first.position > second.position;
}

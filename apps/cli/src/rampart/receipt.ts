import { enforcementOf, type Enforcement, type Progress } from '../enforcement.js';

/** What the native API says of a change that was waited for. */
export interface Receipt extends Pick<Progress, 'enforced' | 'concerned' | 'milliseconds'> {
  readonly retired: number;
  readonly laggards: readonly { readonly hostId: string; readonly state: string; readonly reason?: string }[];
}

/** Undefined when nobody waited. */
export const enforcementFrom = (
  position: number,
  receipt: Receipt | undefined,
  seconds: string | undefined,
): Enforcement | undefined =>
  seconds === undefined ? undefined : enforcementOf(receipt && progressOf(position, receipt), seconds);

const progressOf = (position: number, receipt: Receipt): Progress => ({
  ...receipt,
  position,
  concerned: receipt.concerned - receipt.retired,
  laggards: receipt.laggards
    .map(({ hostId, state, reason }) => [hostId, state, reason].filter(Boolean).join(' '))
    .join('; '),
});

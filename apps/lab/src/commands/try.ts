import { toTerminal } from '../output.js';
import { reaches } from '../reach/reach.js';
import { parseTrial, textOfTrial } from '../reach/traffic.js';
import { LabError } from '../errors.js';
import { find, theLab } from './find.js';

/** Sends packets from one machine to another and says whether they arrive: exit status 0, or 1. */
export async function tryJourney(
  fromName: string,
  toName: string,
  what: string,
  family: 4 | 6,
): Promise<number> {
  const trial = parseTrial(what);
  const { mode, natsUrl } = theLab();
  const [from, to] = await Promise.all([find(fromName), find(toName)]);
  if (mode === 'kernel' && process.getuid?.() !== 0)
    throw new LabError('only root may enter a network namespace: use sudo');
  const arrives = await reaches({ from, to, trial, family }, natsUrl);
  const verdict = mode === 'kernel' ? 'reached' : 'would be reached';
  const outcome = arrives ? verdict : `not ${verdict}`.replace('not would', 'would not');
  toTerminal()(`${from.name} → ${to.name} ${textOfTrial(trial)}: ${outcome}`);
  return arrives ? 0 : 1;
}

import type { LogPosition } from '#libs/domain';
import { hashOfStored, NOTHING_BEFORE } from './stored-event.js';

/** Where a log ends: the last event's position and the hash of its stored text. */
export interface ChainEnd {
  readonly position: LogPosition;
  readonly hash: string;
}

export const EMPTY_CHAIN: ChainEnd = { position: 0, hash: NOTHING_BEFORE };

/** The first place at which a log is not what was written, in a person's words. */
export interface BrokenLink {
  readonly position: LogPosition;
  readonly problem: string;
}

/**
 * Follows the chain of hashes through a log, event by event: each carries the hash of the one before, so that one that
 * was edited, removed, added or swapped shows. What it can't see is a log that was written anew from some event on to
 * its end: for that, compare its end with one that was noted elsewhere.
 */
export class ChainWalk {
  #end: ChainEnd;

  constructor(after: ChainEnd = EMPTY_CHAIN) {
    this.#end = after;
  }

  get end(): ChainEnd {
    return this.#end;
  }

  /** Goes on by one stored event; undefined when it follows on what came before. */
  follow(text: string): BrokenLink | undefined {
    const { position: before, hash } = this.#end;
    const position = before + 1;
    const link = linkOf(text);
    if (!link) return { position, problem: 'it is no stored event: it was edited' };
    if (link.position !== position)
      return {
        position,
        problem: `what stands there is event ${String(link.position)}: events were removed, added or swapped`,
      };
    if (link.previous !== hash)
      return {
        position: Math.max(1, before),
        problem: `event ${position} was written after another one than stands before it: one of the two was edited`,
      };
    this.#end = { position, hash: hashOfStored(text) };
    return undefined;
  }
}

function linkOf(text: string): { readonly position: unknown; readonly previous: unknown } | undefined {
  try {
    const { position, previous } = JSON.parse(text) as Record<'position' | 'previous', unknown>;
    return { position, previous };
  } catch {
    return undefined;
  }
}

/** The first broken link of a log that is at hand as a whole. */
export function findBrokenLink(texts: Iterable<string>): BrokenLink | undefined {
  const walk = new ChainWalk();
  for (const text of texts) {
    const broken = walk.follow(text);
    if (broken) return broken;
  }
  return undefined;
}

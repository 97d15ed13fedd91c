import type { Hook, SetContent, Statement } from './ruleset.js';

/** The table as a dataplane reads it back. Rules come back as the fingerprints that were stored with them. */
export interface HeldTable {
  readonly sets: ReadonlyMap<string, SetContent>;
  readonly chains: ReadonlyMap<string, HeldChain>;
}

export interface HeldChain {
  readonly name: string;
  readonly base?: Hook;
  /** In order; `undefined` for a rule that was not made here. */
  readonly fingerprints: readonly (string | undefined)[];
}

/** Eight hex digits that change when the statement does (FNV-1a): stored with each rule, so that edits show. */
export function fingerprintOf(statement: Statement): string {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(statement)) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, '0');
}

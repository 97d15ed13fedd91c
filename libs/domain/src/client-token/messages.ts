import type { AccountId } from '../values/ids.js';

/**
 * What makes a command safe to repeat: a client that did not hear the answer sends the same token again. `parameters`
 * stands for all else that was asked, so that a token used for something else shows.
 */
export interface ClientToken {
  readonly token: string;
  readonly parameters: string;
}

// These names and fields are on disk in every installation. Add; don't rename or repurpose.
// To change a meaning, add a new type and an upcaster in libs/protocol/src/log.
export interface ClientTokenUsed {
  readonly type: 'ClientTokenUsed';
  readonly accountId: AccountId;
  readonly token: string;
  readonly parameters: string;
  /** What the command made: the answer to whoever repeats it. */
  readonly resourceIds: readonly string[];
}

export type ClientTokenRefusal = { readonly code: 'ClientTokenMismatch'; readonly token: string };

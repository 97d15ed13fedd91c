import { CONNECTION_FLAGS } from './connection/connection.js';
import { WAIT_FLAG } from './enforcement.js';
import type { Flag } from './flags.js';
import type { Verb } from './verb.js';

/** What every verb takes beside its own flags. */
export const VERB_FLAGS: readonly Flag[] = [
  ...CONNECTION_FLAGS,
  { flags: '-D, --auth-dry-run', says: 'ask whether it would be permitted, and change nothing' },
  { flags: '-H, --headers', says: 'print titles above the columns' },
  { flags: '--show-empty-fields', says: 'print empty fields as (nil)' },
  { flags: '--hide-tags', says: 'print no TAG lines' },
];

/** A verb as it is typed: one that changes something can wait. */
export const grammarOf = (verb: Verb): Verb =>
  verb.changes ? { ...verb, flags: [...verb.flags, WAIT_FLAG] } : verb;

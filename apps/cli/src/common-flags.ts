import { CONNECTION_FLAGS } from './connection/connection.js';
import { WAIT_FLAG } from './enforcement.js';
import type { Flag } from './flags.js';
import type { Grammar } from './grammar.js';

/** What every verb takes beside its own flags. */
export const VERB_FLAGS: readonly Flag[] = [
  ...CONNECTION_FLAGS,
  { flags: '-D, --auth-dry-run', says: 'ask whether it would be permitted, and change nothing' },
  { flags: '-H, --headers', says: 'print titles above the columns' },
  { flags: '--show-empty-fields', says: 'print empty fields as (nil)' },
  { flags: '--hide-tags', says: 'print no TAG lines' },
];

/** As it is typed: what changes something can wait. */
export const grammarOf = (grammar: Grammar): Grammar =>
  grammar.changes ? { ...grammar, flags: [...grammar.flags, WAIT_FLAG] } : grammar;

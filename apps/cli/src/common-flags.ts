import { CONNECTION_FLAGS } from './connection/connection.js';
import { WAIT_FLAG } from './enforcement.js';
import type { Flag } from './flags.js';
import type { Grammar } from './grammar.js';
import { AT_FLAG } from './past.js';

/** What every verb takes beside its own flags. */
export const VERB_FLAGS: readonly Flag[] = [
  ...CONNECTION_FLAGS,
  { flags: '-D, --auth-dry-run', says: 'ask whether it would be permitted, and change nothing' },
  { flags: '-H, --headers', says: 'print titles above the columns' },
  { flags: '--show-empty-fields', says: 'print empty fields as (nil)' },
  { flags: '--hide-tags', says: 'print no TAG lines' },
];

/** As it is typed: what changes something can wait, and what lists something can look back. */
export function grammarOf(grammar: Grammar): Grammar {
  const flag = grammar.changes ? WAIT_FLAG : grammar.looksBack ? AT_FLAG : undefined;
  return flag ? { ...grammar, flags: [...grammar.flags, flag] } : grammar;
}

import { connectionFrom, type Connection } from '../connection/connection.js';
import type { Given } from '../flags.js';
import type { Grammar } from '../grammar.js';
import type { RampartCommand } from './command.js';
import { tableOf, type Columns } from './table.js';

/** Things that the control plane knows, for people and for programs. */
interface Listing<Item> extends Grammar {
  /** What they are called in JSON. */
  readonly plural: string;
  readonly fetch: (connection: Connection, given: Given) => Promise<readonly Item[]>;
  readonly columns: Columns<Item>;
  /** Of a list of the past, where it is another. */
  readonly pastColumns?: Columns<Item>;
  readonly whenEmpty: string;
}

/** A command that lists: a table, or with `--json` all that is known. */
export const listingCommand = <Item>(listing: Listing<Item>): RampartCommand => ({
  ...listing,
  flags: [...listing.flags, { flags: '--json', says: 'print JSON' }],
  run: async (given, terminal) => {
    const columns = (given.has('--at') && listing.pastColumns) || listing.columns;
    const items = await listing.fetch(connectionFrom(given, terminal), given);
    if (given.has('--json')) terminal.out(`${JSON.stringify({ [listing.plural]: items }, undefined, 2)}\n`);
    else terminal.out(items.length === 0 ? `${listing.whenEmpty}\n` : tableOf(columns, items));
  },
});

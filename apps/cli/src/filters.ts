import type { Flag } from './flags.js';
import { listed, structures } from './parameters.js';
import { UsageError } from './usage-error.js';
import type { Parameters } from './verb.js';

/** What all that lists takes. */
export const FILTER_FLAG: Flag = {
  flags: '-F, --filter <name=value>',
  says: 'only what matches; * and ? are wild; several values of one name are alternatives',
  repeatable: true,
};

/** Several `-F` of the same name are one filter with several values. */
export function filterParameters(filters: readonly string[]): Parameters {
  const byName = Map.groupBy(filters.map(splitFilter), ({ name }) => name);
  return structures('Filter', [...byName], ([name, alternatives]) => ({
    Name: name,
    ...listed(
      'Value',
      alternatives.map(({ value }) => value),
    ),
  }));
}

function splitFilter(filter: string): { name: string; value: string } {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(filter) ?? [];
  if (name === undefined || value === undefined)
    throw new UsageError(`--filter '${filter}' has no value: write NAME=VALUE, as in -F group-name=web`);
  return { name, value };
}

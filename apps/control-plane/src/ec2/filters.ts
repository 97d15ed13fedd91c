import { Ec2Error, type QueryParameters } from '#libs/protocol';

/** What a filter looks at: all values that a thing has under that name. */
export type FilterTable<Thing> = Readonly<Record<string, (thing: Thing) => readonly (string | undefined)[]>>;

/** Filter.N.Name and Filter.N.Value.M: a thing must satisfy every filter, by any of its values; `*` and `?` match. */
export function filterFrom<Thing>(
  parameters: QueryParameters,
  table: FilterTable<Thing>,
): (thing: Thing) => boolean {
  const filters = parameters.structures('Filter').map((filter) => {
    const name = filter.text('Name') ?? '';
    const values = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!values) throw new Ec2Error('InvalidParameterValue', `The filter '${name}' is invalid`);
    const patterns = filter.list('Value').map(patternFrom);
    return (thing: Thing): boolean =>
      values(thing).some((value) => value !== undefined && patterns.some((pattern) => pattern.test(value)));
  });
  return (thing) => filters.every((filter) => filter(thing));
}

/** `\` takes a wildcard literally. */
function patternFrom(text: string): RegExp {
  const source = text.replaceAll(/\\[*?\\]|[\s\S]/g, (part) => {
    if (part.length === 2) return RegExp.escape(part.slice(1));
    return part === '*' ? '[\\s\\S]*' : part === '?' ? '[\\s\\S]' : RegExp.escape(part);
  });
  return new RegExp(`^${source}$`);
}

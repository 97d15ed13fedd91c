import type { Parameters } from './verb.js';

/** `GroupId.1=…&GroupId.2=…`, the way EC2 writes lists. */
export const listed = (name: string, values: readonly string[]): Parameters =>
  Object.fromEntries(values.map((value, index) => [`${name}.${index + 1}`, value]));

/** Only what was given: EC2 tells an empty value from an absent one. */
export function present(parameters: Readonly<Record<string, string | undefined>>): Parameters {
  const entries = Object.entries(parameters).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}

/** `Filter.1.Name=…&Filter.1.Value.1=…&Filter.2.Name=…`, the way EC2 writes lists of structures. */
export const structures = <Item>(
  name: string,
  items: readonly Item[],
  fieldsOf: (item: Item) => Readonly<Record<string, string | undefined>>,
): Parameters =>
  Object.fromEntries(
    items.flatMap((item, index) =>
      Object.entries(present(fieldsOf(item))).map(([field, value]) => [
        `${name}.${index + 1}.${field}`,
        value,
      ]),
    ),
  );

/** No group's name may begin so, hence what does is an id. */
export const isGroupId = (group: string): boolean => group.startsWith('sg-');

export const groupParameter = (group: string): Parameters =>
  isGroupId(group) ? { GroupId: group } : { GroupName: group };

/** Many groups, by id, by name or both. */
export const groupsParameters = (groups: readonly string[]): Parameters => ({
  ...listed('GroupId', groups.filter(isGroupId)),
  ...listed(
    'GroupName',
    groups.filter((group) => !isGroupId(group)),
  ),
});

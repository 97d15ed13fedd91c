/** A label of a resource; keys are unique on it. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

export type Tags = ReadonlyMap<string, string>;

export const NO_TAGS: Tags = new Map();

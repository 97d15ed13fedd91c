import { NO_TAGS, type Tags, type TagsChanged } from '#libs/domain';

/** The tags after the change. */
export function tagsAfter(before: Tags | undefined, { set, removed }: TagsChanged): Tags {
  const tags = new Map(before ?? NO_TAGS);
  for (const key of removed) tags.delete(key);
  for (const { key, value } of set) tags.set(key, value);
  return tags;
}

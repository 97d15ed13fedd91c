import type { XmlElement } from '../connection/xml-element.js';

/** The tags of what `element` describes. */
export const tagsOf = (element: XmlElement): Readonly<Record<string, string>> =>
  Object.fromEntries(
    element.items('tagSet').map((tag) => [tag.text('key') ?? '', tag.text('value') ?? ''] as const),
  );

import type { XmlElement } from './connection/xml-element.js';
import type { Given } from './flags.js';
import type { Row } from './rows.js';

/** One line for each tag. */
export const tagRow = (
  kind: string | undefined,
  id: string | undefined,
  key: string | undefined,
  value: string | undefined,
): Row => ['TAG', kind, id, key, value];

/** The tags of what `element` describes, one line each. */
export const tagRows = (
  element: XmlElement,
  kind: string,
  id: string | undefined,
  given: Given,
): readonly Row[] =>
  given.has('--hide-tags')
    ? []
    : element.items('tagSet').map((tag) => tagRow(kind, id, tag.text('key'), tag.text('value')));

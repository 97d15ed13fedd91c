import type { Flag } from '../flags.js';
import type { XmlElement } from '../connection/xml-element.js';
import type { Given } from '../flags.js';
import type { Row } from '../rows.js';

/** What the describe verbs have in common. */
export const LISTING_FLAGS: readonly Flag[] = [
  {
    flags: '-F, --filter <name=value>',
    says: 'only what matches; * and ? are wild; several values of one name are alternatives',
    repeatable: true,
  },
  { flags: '--hide-tags', says: 'print no TAG lines' },
];

/** The tags of what `element` describes, one line each. */
export const tagRows = (
  element: XmlElement,
  kind: string,
  id: string | undefined,
  given: Given,
): readonly Row[] =>
  given.has('--hide-tags')
    ? []
    : element.items('tagSet').map((tag) => ['TAG', kind, id, tag.text('key'), tag.text('value')]);

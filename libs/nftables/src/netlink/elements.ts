import { keyText, TABLE, type Element, type NftSet, type Operation } from '#libs/compiler';
import { DATA, LIST_ELEM, MSG, SET_ELEM, SET_ELEM_LIST } from './constants.js';
import { DATA_TYPES, keyLength, readKey, readPart, UnfitError, writeKey, writePart } from './data-types.js';
import type { Listing } from './listing.js';
import { attributesIn, attributesOf } from './reader.js';
import type { MessageWriter } from './writer.js';

/** A nested attribute's length is 16 bits; with the largest key an element is below 128 bytes. */
export const ELEMENTS_PER_MESSAGE = 500;

/** A deletion is by key alone. */
export function writeElements(
  to: MessageWriter,
  { type, set }: Extract<Operation, { elements: unknown }>,
  elements: readonly Element[],
): void {
  const length = keyLength(set.key);
  to.text(SET_ELEM_LIST.TABLE, TABLE);
  to.text(SET_ELEM_LIST.SET, set.name);
  to.nested(SET_ELEM_LIST.ELEMENTS, () => {
    for (const { key, value } of elements) {
      to.nested(LIST_ELEM, () => {
        to.nested(SET_ELEM.KEY, () =>
          to.raw(DATA.VALUE, length, (buffer, start) => writeKey(buffer, start, set.key, key)),
        );
        if (type === 'addElements') writeMapValue(to, set, value);
      });
    }
  });
}

function writeMapValue(to: MessageWriter, { value: type }: NftSet, value: number | undefined): void {
  if ((type === undefined) !== (value === undefined))
    throw new UnfitError(type ? 'a map wants a value for each key' : 'a set has keys and no values');
  if (type === undefined || value === undefined) return;
  to.nested(SET_ELEM.DATA, () =>
    to.raw(DATA.VALUE, DATA_TYPES[type].bytes, (buffer, start) => writePart(buffer, start, type, value)),
  );
}

const LISTINGS = 20;

/**
 * A hash set that still grows after a bulk load moves its elements about, and a listing that spans several datagrams
 * misses some without a word. So it is listed until all are found; on a kernel that does not say how many there
 * are, until two listings show the same.
 */
export function readElements(
  set: NftSet,
  count: number | undefined,
  listing: Listing,
): ReadonlyMap<string, Element> {
  const elements = new Map<string, Element>();
  if (set.key.length === 0) return elements;
  for (let attempt = 0; attempt < LISTINGS; attempt++) {
    const before = elements.size;
    const listed = listElements(set, listing, elements);
    if (count === undefined ? listed === before && before === elements.size : elements.size >= count) break;
  }
  return elements;
}

/** Adds what one listing shows to `elements`; yields how many it showed. */
function listElements(
  { name, key: types, value: type }: NftSet,
  listing: Listing,
  elements: Map<string, Element>,
): number {
  const bodies = listing.dump(MSG.GETSETELEM, (to) => {
    to.text(SET_ELEM_LIST.TABLE, TABLE);
    to.text(SET_ELEM_LIST.SET, name);
  });
  let listed = 0;
  for (const body of bodies) {
    const list = attributesOf(body).get(SET_ELEM_LIST.ELEMENTS);
    for (const [, element] of attributesIn(list ?? Buffer.alloc(0))) {
      const attributes = attributesOf(element);
      const bytes = (attribute: number): Buffer | undefined =>
        attributesOf(attributes.get(attribute) ?? Buffer.alloc(0)).get(DATA.VALUE);
      const keyBytes = bytes(SET_ELEM.KEY);
      if (!keyBytes) continue;
      listed++;
      const key = readKey(keyBytes, types);
      const value = bytes(SET_ELEM.DATA);
      elements.set(keyText(key), type && value ? { key, value: Number(readPart(value, 0, type)) } : { key });
    }
  }
  return listed;
}

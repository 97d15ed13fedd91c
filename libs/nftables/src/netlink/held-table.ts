import {
  keyText,
  TABLE,
  type DataType,
  type Element,
  type HeldChain,
  type HeldTable,
  type Hook,
  type NftSet,
} from '#libs/compiler';
import {
  CHAIN,
  DATA,
  HOOK,
  HOOK_NUMBERS,
  MSG,
  RULE,
  SET,
  SET_ELEM,
  SET_ELEM_LIST,
  TABLE_NAME,
  UDATA_RULE_COMMENT,
} from './constants.js';
import { DATA_TYPES, readKey, readPart } from './data-types.js';
import { attributesIn, attributesOf, numberOf, textOf } from './reader.js';
import type { MessageWriter } from './writer.js';

/** Asks for all objects of a kind, and yields the body of each. */
export type Dump = (message: number, body: (to: MessageWriter) => void) => Iterable<Buffer>;

/** Our table as the kernel holds it. Others' objects are never asked for where the kernel lets one choose. */
export function readHeldTable(dump: Dump): HeldTable | undefined {
  const tables = [...dump(MSG.GETTABLE, () => undefined)];
  if (!tables.some((body) => textOf(attributesOf(body).get(TABLE_NAME)) === TABLE)) return undefined;
  const ours = (to: MessageWriter): void => to.text(TABLE_NAME, TABLE);
  const sets = new Map<string, { set: NftSet; elements: ReadonlyMap<string, Element> }>();
  for (const body of dump(MSG.GETSET, ours)) {
    const attributes = attributesOf(body);
    if (textOf(attributes.get(SET.TABLE)) !== TABLE) continue;
    const set = setFrom(attributes);
    sets.set(set.name, { set, elements: new Map() });
  }
  for (const content of sets.values()) content.elements = settledElementsOf(content.set, dump);
  return { sets, chains: chainsOf(dump, ours) };
}

function setFrom(attributes: ReadonlyMap<number, Buffer>): NftSet {
  const name = textOf(attributes.get(SET.NAME));
  const key = typesFrom(numberOf(attributes.get(SET.KEY_TYPE)));
  const [value] = attributes.has(SET.DATA_TYPE) ? typesFrom(numberOf(attributes.get(SET.DATA_TYPE))) : [];
  return value === 'mark' || value === 'classid' ? { name, key, value } : { name, key };
}

/** Undoes `typeId`; a type that is none of ours ends the list, and so makes the set another one than wanted. */
function typesFrom(id: number): readonly DataType[] {
  const types: DataType[] = [];
  for (let rest = id; rest > 0; rest >>>= 6) {
    const found = Object.entries(DATA_TYPES).find(([, facts]) => facts.id === (rest & 0x3f));
    if (!found) return [];
    types.unshift(found[0] as DataType);
  }
  return types;
}

const LISTINGS = 20;

/**
 * A hash set that still grows its table after a bulk load is listed with gaps, and the kernel does not say so: an
 * element that one listing shows is there, and two complete ones in a row show the same.
 */
function settledElementsOf(set: NftSet, dump: Dump): ReadonlyMap<string, Element> {
  let known = elementsOf(set, dump);
  for (let listing = 1; listing < LISTINGS; listing++) {
    const again = elementsOf(set, dump);
    const all = new Map([...known, ...again]);
    if (all.size === known.size && all.size === again.size) break;
    known = all;
  }
  return known;
}

function elementsOf({ name, key: types, value: type }: NftSet, dump: Dump): ReadonlyMap<string, Element> {
  const elements = new Map<string, Element>();
  if (types.length === 0) return elements;
  const bodies = dump(MSG.GETSETELEM, (to) => {
    to.text(SET_ELEM_LIST.TABLE, TABLE);
    to.text(SET_ELEM_LIST.SET, name);
  });
  for (const body of bodies) {
    const list = attributesOf(body).get(SET_ELEM_LIST.ELEMENTS);
    for (const [, element] of attributesIn(list ?? Buffer.alloc(0))) {
      const attributes = attributesOf(element);
      const bytes = (attribute: number): Buffer | undefined =>
        attributesOf(attributes.get(attribute) ?? Buffer.alloc(0)).get(DATA.VALUE);
      const keyBytes = bytes(SET_ELEM.KEY);
      if (!keyBytes) continue;
      const key = readKey(keyBytes, types);
      const value = bytes(SET_ELEM.DATA);
      elements.set(keyText(key), type && value ? { key, value: Number(readPart(value, 0, type)) } : { key });
    }
  }
  return elements;
}

function chainsOf(dump: Dump, ours: (to: MessageWriter) => void): ReadonlyMap<string, HeldChain> {
  const chains = new Map<string, HeldChain & { readonly fingerprints: (string | undefined)[] }>();
  for (const body of dump(MSG.GETCHAIN, () => undefined)) {
    const attributes = attributesOf(body);
    if (textOf(attributes.get(CHAIN.TABLE)) !== TABLE) continue;
    const name = textOf(attributes.get(CHAIN.NAME));
    const base = hookFrom(attributes);
    chains.set(name, { name, ...(base ? { base } : {}), fingerprints: [] });
  }
  for (const body of dump(MSG.GETRULE, ours)) {
    const attributes = attributesOf(body);
    if (textOf(attributes.get(RULE.TABLE)) !== TABLE) continue;
    const chain = chains.get(textOf(attributes.get(RULE.CHAIN)));
    chain?.fingerprints.push(commentIn(attributes.get(RULE.USERDATA)));
  }
  return chains;
}

function hookFrom(attributes: ReadonlyMap<number, Buffer>): Hook | undefined {
  const hook = attributes.get(CHAIN.HOOK);
  if (!hook) return undefined;
  const placed = attributesOf(hook);
  const number = numberOf(placed.get(HOOK.HOOKNUM));
  const found = Object.entries(HOOK_NUMBERS).find(([, known]) => known === number);
  return {
    hook: (found?.[0] ?? 'forward') as Hook['hook'],
    priority: placed.get(HOOK.PRIORITY)?.readInt32BE(0) ?? 0,
    policy: numberOf(attributes.get(CHAIN.POLICY)) === 1 ? 'accept' : 'drop',
  };
}

/** libnftnl's user data: one byte of type, one of length, then the value. */
function commentIn(userdata: Buffer | undefined): string | undefined {
  if (!userdata || userdata[0] !== UDATA_RULE_COMMENT) return undefined;
  return userdata.toString('utf8', 2, 1 + (userdata[1] ?? 1));
}

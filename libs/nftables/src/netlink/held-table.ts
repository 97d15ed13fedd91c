import {
  TABLE,
  type DataType,
  type HeldChain,
  type HeldTable,
  type Hook,
  type NftSet,
  type SetContent,
} from '#libs/compiler';
import {
  CHAIN,
  HOOK,
  HOOK_NUMBERS,
  MSG,
  NFT_SET_MAP,
  NFT_TABLE_F_DORMANT,
  RULE,
  SET,
  TABLE_FLAGS,
  TABLE_NAME,
  UDATA_RULE_COMMENT,
} from './constants.js';
import { DATA_TYPES } from './data-types.js';
import { readElements } from './elements.js';
import type { Listing } from './listing.js';
import { attributesOf, numberOf, textOf } from './reader.js';
import type { MessageWriter } from './writer.js';

/** Our table as the kernel holds it. Others' objects are never asked for where the kernel lets one choose. */
export function readHeldTable(listing: Listing): HeldTable | undefined {
  const ours = (to: MessageWriter): void => to.text(TABLE_NAME, TABLE);
  const table = listing.get(MSG.GETTABLE, ours);
  if (!table) return undefined;
  const isDormant = (numberOf(attributesOf(table).get(TABLE_FLAGS)) & NFT_TABLE_F_DORMANT) !== 0;
  return { sets: setsOf(listing, ours), chains: chainsOf(listing, ours, isDormant) };
}

function setsOf(listing: Listing, ours: (to: MessageWriter) => void): ReadonlyMap<string, SetContent> {
  const sets = new Map<string, SetContent>();
  for (const body of listing.dump(MSG.GETSET, ours)) {
    const attributes = attributesOf(body);
    if (textOf(attributes.get(SET.TABLE)) !== TABLE) continue;
    const set = setFrom(attributes);
    const count = attributes.get(SET.COUNT);
    sets.set(set.name, { set, elements: readElements(set, count && numberOf(count), listing) });
  }
  return sets;
}

/** A set with flags that we never give has no key type here: so it is another one than any that is wanted. */
function setFrom(attributes: ReadonlyMap<number, Buffer>): NftSet {
  const name = textOf(attributes.get(SET.NAME));
  const isForeign = (numberOf(attributes.get(SET.FLAGS)) & ~NFT_SET_MAP) !== 0;
  const key = isForeign ? [] : typesFrom(numberOf(attributes.get(SET.KEY_TYPE)));
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

/** A dormant table's base chains hang nowhere, so they come back as plain ones. */
function chainsOf(
  listing: Listing,
  ours: (to: MessageWriter) => void,
  isDormant: boolean,
): ReadonlyMap<string, HeldChain> {
  const chains = new Map<string, HeldChain & { readonly fingerprints: (string | undefined)[] }>();
  for (const body of listing.dump(MSG.GETCHAIN)) {
    const attributes = attributesOf(body);
    if (textOf(attributes.get(CHAIN.TABLE)) !== TABLE) continue;
    const name = textOf(attributes.get(CHAIN.NAME));
    const base = isDormant ? undefined : hookFrom(attributes);
    chains.set(name, { name, ...(base ? { base } : {}), fingerprints: [] });
  }
  for (const body of listing.dump(MSG.GETRULE, ours)) {
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

import { expect } from 'vitest';
import { fingerprintOf, type Element, type Ruleset } from '#libs/compiler';
import type { Namespace } from './namespace.js';

interface ListedSet {
  readonly name: string;
  readonly type: string | readonly string[];
  readonly map?: string;
  readonly elem?: readonly unknown[];
}

interface Listed {
  readonly set?: ListedSet;
  readonly map?: ListedSet;
  readonly chain?: { readonly name: string };
  readonly rule?: { readonly chain: string; readonly comment: string };
}

/** The table as `nft` shows it, which reads the kernel with code of its own. */
export const listed = (namespace: Namespace): readonly Listed[] =>
  (JSON.parse(namespace.run('nft', '-j', 'list', 'table', 'inet', 'rampart')) as { nftables: Listed[] })
    .nftables;

/** Fails unless nft lists just these sets with these elements, and these chains with these rules. */
export function expectListed(all: readonly Listed[], { sets, chains }: Ruleset): void {
  const found = all.flatMap(({ set, map }) => set ?? map ?? []);
  expect(found.map(({ name }) => name).toSorted()).toEqual([...sets.keys()].toSorted());
  for (const { name, type, map, elem } of found) {
    const { set, elements } = sets.get(name) ?? { set: undefined, elements: new Map<string, Element>() };
    expect({ name, key: [type].flat(), map }).toEqual({ name, key: set?.key, map: set?.value });
    expect((elem ?? []).map(listedText).toSorted()).toEqual(
      [...elements.values()].map(elementText).toSorted(),
    );
  }
  expect(all.flatMap(({ chain }) => chain?.name ?? []).toSorted()).toEqual([...chains.keys()].toSorted());
  for (const { name, statements } of chains.values()) {
    const comments = all.flatMap(({ rule }) => (rule?.chain === name ? rule.comment : []));
    expect(comments).toEqual(statements.map(fingerprintOf));
  }
}

const elementText = ({ key, value }: Element): string =>
  key.join(' . ') + (value === undefined ? '' : ` : ${value}`);

/** An element of nft's JSON as `elementText` shows it. */
function listedText(element: unknown): string {
  if (Array.isArray(element)) return `${listedText(element[0])} : ${partText(element[1])}`;
  if (typeof element === 'object' && element && 'concat' in element)
    return (element.concat as readonly unknown[]).map(partText).join(' . ');
  return partText(element);
}

const PROTOCOLS: Readonly<Record<string, number>> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
};

/** nft names protocols, and shows a class id as `major:minor` in hex. */
function partText(part: unknown): string {
  const text = String(part);
  const [, major, minor] = /^([0-9a-f]*):([0-9a-f]+)$/.exec(text) ?? [];
  if (minor === undefined) return String(PROTOCOLS[text] ?? text);
  return String(Number.parseInt(major || '0', 16) * 65536 + Number.parseInt(minor, 16));
}

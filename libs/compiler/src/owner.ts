import type { Element } from './ruleset.js';

/** Whose change an element comes from: the host's own instances, or the rules or members of a group, by its number. */
export type ElementOwner =
  { readonly kind: 'host' } | { readonly kind: 'rules' | 'members'; readonly number: number };

/** Read off the names that the program gives its sets. */
export function ownerOf(setName: string, { key, value }: Element): ElementOwner {
  if (setName.startsWith('members_')) return { kind: 'members', number: value ?? 0 };
  if (/^(?:ingress|egress)_/.test(setName)) return { kind: 'rules', number: Number(key[0]) };
  return { kind: 'host' };
}

import type { IpAddress } from '#libs/domain';

/**
 * nftables objects as data, in nft's own words. Everything lives in the one table that Rampart owns, `inet rampart`;
 * what stands here can be read, compared, evaluated in memory, and encoded for the kernel.
 */
export interface Ruleset {
  readonly sets: ReadonlyMap<string, SetContent>;
  readonly chains: ReadonlyMap<string, Chain>;
}

export const TABLE = 'rampart';

/** nft's datatypes. `ifname` is 16 bytes, zero-padded; `mark` and `classid` are 32 bits in host byte order. */
export type DataType =
  'ifname' | 'mark' | 'classid' | 'ipv4_addr' | 'ipv6_addr' | 'inet_proto' | 'inet_service';

/** A hash set, or a map when it has a `value` type. More than one key type makes a concatenation. */
export interface NftSet {
  readonly name: string;
  readonly key: readonly DataType[];
  readonly value?: 'mark' | 'classid';
}

/** One part for each of the set's key types: names and addresses as text, the rest as numbers. */
export type ElementKey = readonly (string | number)[];

export interface Element {
  readonly key: ElementKey;
  /** In maps only. */
  readonly value?: number;
}

export interface SetContent {
  readonly set: NftSet;
  /** By `keyText`. */
  readonly elements: ReadonlyMap<string, Element>;
}

/** The key as `nft list` shows it, and as errors name it. */
export const keyText = (key: ElementKey): string => key.join(' . ');

/** Where a base chain meets the packet path; `priority` as in nft, lower is earlier. */
export interface Hook {
  readonly hook: 'forward' | 'input' | 'output';
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
}

export interface Chain {
  readonly name: string;
  readonly base?: Hook;
  readonly statements: readonly Statement[];
}

/** One nft rule: its expressions run in order until one does not match. (EC2 owns the word rule.) */
export type Statement = readonly Expression[];

export type Expression =
  /** Continues when the operand equals the value (or, negated, does not). An interface name may end in `*`. */
  | { readonly match: Operand; readonly equals: string | number; readonly negate?: true }
  /** Continues when the concatenated operands are in the set (or, negated, are not). */
  | { readonly lookup: readonly Operand[]; readonly set: string; readonly negate?: true }
  /** Continues, with the value stored, when the key is in the map. */
  | { readonly assign: Scratch; readonly key: readonly Operand[]; readonly map: string }
  | { readonly assign: Scratch; readonly constant: number }
  | { readonly verdict: Verdict };

export type Verdict = 'accept' | 'drop' | 'return' | { readonly jump: string } | { readonly goto: string };

/** The two fields of a packet that statements may write: where one rule leaves a number for the next. */
export type Scratch = 'mark' | 'priority';

/** A field, or its bits under a mask as long as the field. A field that a packet does not have ends the statement. */
export interface Operand {
  readonly field: Field;
  /** For addresses the canonical text, for everything else a number. */
  readonly mask?: IpAddress | number;
}

/**
 * What statements look at. `ct original …` and `ct reply …` are the connection's own tuple, the same for all of its
 * packets and for the ICMP errors about them; a packet without a connection has none.
 */
export type Field =
  | Scratch
  | 'iifname'
  | 'oifname'
  | 'l4proto'
  | 'ip saddr'
  | 'ip daddr'
  | 'ip6 saddr'
  | 'ip6 daddr'
  /** The protocol right behind the IPv6 header, such as AH. */
  | 'ip6 nexthdr'
  /** The first two bytes after the IP header: of ICMP and ICMPv6, type × 256 + code. */
  | 'th type-code'
  | 'th sport'
  | 'th dport'
  /** The flags byte of the TCP header. */
  | 'tcp flags'
  /** Bits: 1 invalid, 2 established, 4 related, 8 new, 64 untracked. */
  | 'ct state'
  /** 0 original, 1 reply. */
  | 'ct direction'
  | 'ct original protocol'
  | 'ct original ip saddr'
  | 'ct original ip6 saddr'
  | 'ct reply ip saddr'
  | 'ct reply ip6 saddr'
  /** Of ICMP and ICMPv6, type × 256 + code of the packet that began the exchange. */
  | 'ct original proto-dst'
  /** Who answers is who was meant, also behind NAT: the destination port. */
  | 'ct reply proto-src';

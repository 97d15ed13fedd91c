import type { DataType, Field } from '#libs/compiler';
import { NFPROTO_IPV4, NFPROTO_IPV6 } from './constants.js';

/** Where the kernel loads a field from: enum nft_meta_keys, enum nft_ct_keys, enum nft_payload_bases. */
export type Source =
  | { readonly expression: 'meta'; readonly key: number }
  /** `direction` 0 is the original one, 1 the reply's. */
  | { readonly expression: 'ct'; readonly key: number; readonly direction?: 0 | 1 }
  /** Of the network header only when the packet is of that family: the bytes mean something else in the other. */
  | {
      readonly expression: 'payload';
      readonly base: 1 | 2;
      readonly offset: number;
      readonly family?: number;
    };

export interface FieldFacts {
  readonly source: Source;
  readonly type: DataType;
}

const NETWORK = 1;
const TRANSPORT = 2;
const meta = (key: number): Source => ({ expression: 'meta', key });
const ct = (key: number, direction?: 0 | 1): Source =>
  direction === undefined ? { expression: 'ct', key } : { expression: 'ct', key, direction };

export const FIELDS: Readonly<Record<Field, FieldFacts>> = {
  priority: { source: meta(2), type: 'classid' },
  mark: { source: meta(3), type: 'mark' },
  iifname: { source: meta(6), type: 'ifname' },
  oifname: { source: meta(7), type: 'ifname' },
  l4proto: { source: meta(16), type: 'inet_proto' },
  'ip saddr': {
    source: { expression: 'payload', base: NETWORK, offset: 12, family: NFPROTO_IPV4 },
    type: 'ipv4_addr',
  },
  'ip daddr': {
    source: { expression: 'payload', base: NETWORK, offset: 16, family: NFPROTO_IPV4 },
    type: 'ipv4_addr',
  },
  'ip6 saddr': {
    source: { expression: 'payload', base: NETWORK, offset: 8, family: NFPROTO_IPV6 },
    type: 'ipv6_addr',
  },
  'ip6 daddr': {
    source: { expression: 'payload', base: NETWORK, offset: 24, family: NFPROTO_IPV6 },
    type: 'ipv6_addr',
  },
  'ip6 nexthdr': {
    source: { expression: 'payload', base: NETWORK, offset: 6, family: NFPROTO_IPV6 },
    type: 'inet_proto',
  },
  'th type-code': { source: { expression: 'payload', base: TRANSPORT, offset: 0 }, type: 'inet_service' },
  'th sport': { source: { expression: 'payload', base: TRANSPORT, offset: 0 }, type: 'inet_service' },
  'th dport': { source: { expression: 'payload', base: TRANSPORT, offset: 2 }, type: 'inet_service' },
  'tcp flags': { source: { expression: 'payload', base: TRANSPORT, offset: 13 }, type: 'inet_proto' },
  'ct state': { source: ct(0), type: 'mark' },
  'ct direction': { source: ct(1), type: 'inet_proto' },
  'ct original protocol': { source: ct(10, 0), type: 'inet_proto' },
  'ct reply proto-src': { source: ct(11, 1), type: 'inet_service' },
  'ct original proto-dst': { source: ct(12, 0), type: 'inet_service' },
  'ct original ip saddr': { source: ct(19, 0), type: 'ipv4_addr' },
  'ct reply ip saddr': { source: ct(19, 1), type: 'ipv4_addr' },
  'ct original ip6 saddr': { source: ct(21, 0), type: 'ipv6_addr' },
  'ct reply ip6 saddr': { source: ct(21, 1), type: 'ipv6_addr' },
};

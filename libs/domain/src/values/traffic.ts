/** IANA protocol numbers. Those before AH carry ports or ICMP types; every other protocol is only ever allowed whole. */
export const TCP = 6;
export const UDP = 17;
export const ICMP = 1;
export const ICMPV6 = 58;
export const AH = 51;

/** What a rule says of a packet apart from its far end. Ports are inclusive; an absent type or code means any. */
export type Traffic =
  | { readonly kind: 'all' }
  | { readonly kind: 'protocol'; readonly protocol: number }
  | {
      readonly kind: 'ports';
      readonly protocol: typeof TCP | typeof UDP;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly kind: 'icmp';
      readonly protocol: typeof ICMP | typeof ICMPV6;
      readonly type?: number;
      readonly code?: number;
    };

/** One packet's part of the comparison: `port` is the destination port, `type` and `code` are ICMP's. */
export interface Flow {
  readonly protocol: number;
  readonly port?: number;
  readonly type?: number;
  readonly code?: number;
}

export function trafficIncludes(traffic: Traffic, flow: Flow): boolean {
  if (traffic.kind === 'all') return true;
  if (traffic.protocol !== flow.protocol) return false;
  switch (traffic.kind) {
    case 'protocol':
      return true;
    case 'ports':
      return flow.port !== undefined && flow.port >= traffic.from && flow.port <= traffic.to;
    case 'icmp':
      return (
        (traffic.type === undefined || traffic.type === flow.type) &&
        (traffic.code === undefined || traffic.code === flow.code)
      );
  }
}

/** Equal for two values exactly when they include the same packets by the same words. */
export function trafficKey(traffic: Traffic): string {
  switch (traffic.kind) {
    case 'all':
      return 'all';
    case 'protocol':
      return `${traffic.protocol}`;
    case 'ports':
      return `${traffic.protocol}:${traffic.from}-${traffic.to}`;
    case 'icmp':
      return `${traffic.protocol}:${traffic.type ?? '*'}/${traffic.code ?? '*'}`;
  }
}

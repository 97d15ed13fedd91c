import {
  addressFromValue,
  AH,
  familyOf,
  ICMP,
  ICMPV6,
  TCP,
  valueOf,
  type IpAddress,
  type Packet,
} from '#libs/domain';
import { keyText, type Expression, type Field, type Operand, type Ruleset, type Scratch } from './ruleset.js';

/** A packet of a connection, as a host meets it. `source`, `destination` and `flow` are of its first packet. */
export interface HostPacket extends Packet {
  readonly hook: 'forward' | 'input' | 'output';
  /** Empty for what the host sends itself. */
  readonly iifname: string;
  /** Empty for what is for the host itself. */
  readonly oifname: string;
  /** An answer travels the other way; interfaces are as this packet meets them. */
  readonly direction?: 'original' | 'reply';
  /** False for a packet that connection tracking knows no connection for. */
  readonly tracked?: boolean;
  /** True for a packet that begins no connection although none is known: the middle of a TCP connection. */
  readonly midstream?: boolean;
}

/** What a connection is begun from; nobody asks for it. */
const EPHEMERAL = 49_152;

/** Of IPv6 (RFC 8200). */
const NO_NEXT_HEADER = 59;

export type Outcome = 'accept' | 'drop';

/** What the kernel would do, step by step as the kernel does it. */
export function evaluate({ chains, sets }: Ruleset, packet: HostPacket): Outcome {
  const scratch: Record<Scratch, number> = { mark: 0, priority: 0 };

  function run(name: string): Outcome | 'end' {
    statements: for (const statement of chains.get(name)?.statements ?? []) {
      for (const expression of statement) {
        const next = step(expression);
        if (next === 'break') continue statements;
        if (next === 'end') return 'end';
        if (next !== 'continue') return next;
      }
    }
    return 'end';
  }

  function step(expression: Expression): Outcome | 'end' | 'break' | 'continue' {
    if ('verdict' in expression) {
      const { verdict } = expression;
      if (verdict === 'return') return 'end';
      if (typeof verdict === 'string') return verdict;
      if ('goto' in verdict) return run(verdict.goto);
      const outcome = run(verdict.jump);
      return outcome === 'end' ? 'continue' : outcome;
    }
    if ('constant' in expression) {
      scratch[expression.assign] = expression.constant;
      return 'continue';
    }
    if ('assign' in expression) {
      const value = find(expression.key, expression.map)?.value;
      if (value === undefined) return 'break';
      scratch[expression.assign] = value;
      return 'continue';
    }
    const holds = 'match' in expression ? equals(expression.match, expression.equals) : isIn(expression);
    return holds === undefined || holds === Boolean(expression.negate) ? 'break' : 'continue';
  }

  const isIn = ({ lookup, set }: { lookup: readonly Operand[]; set: string }): boolean | undefined => {
    const key = keyOf(lookup);
    return key === undefined ? undefined : sets.get(set)?.elements.has(key);
  };

  const find = (operands: readonly Operand[], map: string): { readonly value?: number } | undefined => {
    const key = keyOf(operands);
    return key === undefined ? undefined : sets.get(map)?.elements.get(key);
  };

  function keyOf(operands: readonly Operand[]): string | undefined {
    const key = operands.map(load);
    return key.includes(undefined) ? undefined : keyText(key as (string | number)[]);
  }

  function equals(operand: Operand, expected: string | number): boolean | undefined {
    const value = load(operand);
    if (value === undefined) return undefined;
    const isPattern = typeof expected === 'string' && expected.endsWith('*');
    return isPattern ? String(value).startsWith(expected.slice(0, -1)) : value === expected;
  }

  function load({ field, mask }: Operand): string | number | undefined {
    const value = field === 'mark' || field === 'priority' ? scratch[field] : fieldOf(field, packet);
    if (mask === undefined || value === undefined) return value;
    if (typeof value === 'number') return value & Number(mask);
    const masked = valueOf(value as IpAddress) & valueOf(mask as IpAddress);
    return addressFromValue(familyOf(value), masked);
  }

  const outcome = run(packet.hook);
  return outcome === 'end' ? (chains.get(packet.hook)?.base?.policy ?? 'accept') : outcome;
}

/** Undefined for a field that the packet does not have. */
function fieldOf(field: Exclude<Field, Scratch>, packet: HostPacket): string | number | undefined {
  const { source, destination, flow, tracked = true, direction = 'original' } = packet;
  const family = familyOf(source);
  const [from, to] = direction === 'original' ? [source, destination] : [destination, source];
  const connection = <T>(value: T): T | undefined => (tracked ? value : undefined);
  const inFamily = (wanted: 4 | 6, address: IpAddress): IpAddress | undefined =>
    family === wanted ? address : undefined;
  // In IPv6 the kernel looks through AH; what it finds behind it is not known here.
  const found = family === 6 && flow.protocol === AH ? NO_NEXT_HEADER : flow.protocol;
  const hasTypes = flow.protocol === ICMP || flow.protocol === ICMPV6;
  const typeCode = hasTypes ? (flow.type ?? 0) * 256 + (flow.code ?? 0) : undefined;
  switch (field) {
    case 'iifname':
      return packet.iifname;
    case 'oifname':
      return packet.oifname;
    case 'l4proto':
      return found;
    case 'ip6 nexthdr':
      return family === 6 ? flow.protocol : undefined;
    case 'ip saddr':
      return inFamily(4, from);
    case 'ip daddr':
      return inFamily(4, to);
    case 'ip6 saddr':
      return inFamily(6, from);
    case 'ip6 daddr':
      return inFamily(6, to);
    case 'th type-code':
      return typeCode;
    case 'th sport':
      return direction === 'reply' ? flow.port : EPHEMERAL;
    case 'th dport':
      return direction === 'reply' ? EPHEMERAL : flow.port;
    case 'tcp flags':
      return flow.protocol === TCP ? (packet.midstream ? 0x10 : 0x02) : undefined;
    case 'ct state':
      return tracked ? (direction === 'original' ? 8 : 2) : 1;
    case 'ct direction':
      return connection(direction === 'original' ? 0 : 1);
    case 'ct original protocol':
      return connection(found);
    case 'ct original ip saddr':
      return connection(inFamily(4, source));
    case 'ct original ip6 saddr':
      return connection(inFamily(6, source));
    case 'ct reply ip saddr':
      return connection(inFamily(4, destination));
    case 'ct reply ip6 saddr':
      return connection(inFamily(6, destination));
    case 'ct original proto-dst':
      return connection(typeCode ?? flow.port ?? 0);
    case 'ct reply proto-src':
      return connection(flow.port ?? 0);
  }
}

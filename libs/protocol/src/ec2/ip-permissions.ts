import type { Traffic } from '#libs/domain';

/** IpProtocol has names for these four (EC2 API, IpPermission); `-1` is every protocol. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [58, 'icmpv6'],
]);
const NUMBERS: ReadonlyMap<string, number> = new Map(NAMES.entries().map(([number, name]) => [name, number]));

export const ALL_PROTOCOLS = '-1';

export const protocolName = (number: number): string => NAMES.get(number) ?? String(number);

/** IpProtocol, FromPort and ToPort: what EC2 calls ports are type and code for ICMP; -1 is any. */
export interface ProtocolAndPorts {
  readonly ipProtocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
}

export function protocolAndPorts(traffic: Traffic): ProtocolAndPorts {
  switch (traffic.kind) {
    case 'all':
      return { ipProtocol: ALL_PROTOCOLS };
    case 'protocol':
      return { ipProtocol: protocolName(traffic.protocol) };
    case 'ports':
      return { ipProtocol: protocolName(traffic.protocol), fromPort: traffic.from, toPort: traffic.to };
    case 'icmp':
      return {
        ipProtocol: protocolName(traffic.protocol),
        fromPort: traffic.type ?? -1,
        toPort: traffic.code ?? -1,
      };
  }
}

export type ParsedTraffic =
  | { readonly understood: true; readonly traffic: Traffic }
  | { readonly understood: false; readonly message: string };

/**
 * EC2's reading: names in any case or a number; ports only mean something for TCP and UDP, which must have both, and
 * for ICMP; with any other protocol they are passed over.
 */
export function parseTraffic(ipProtocol: string | undefined, from?: string, to?: string): ParsedTraffic {
  const no = (message: string): ParsedTraffic => ({ understood: false, message });
  if (ipProtocol === undefined)
    return no(
      "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
    );
  if (ipProtocol === ALL_PROTOCOLS || ipProtocol.toLowerCase() === 'all')
    return { understood: true, traffic: { kind: 'all' } };
  const protocol = protocolNumber(ipProtocol);
  if (protocol === undefined)
    return no(
      `Invalid value '${ipProtocol}' for IP protocol. Unknown protocol: use tcp, udp, icmp, icmpv6, -1 or a number up to 255.`,
    );
  if (protocol === 6 || protocol === 17) return parsePorts(protocol, from, to);
  if (protocol === 1 || protocol === 58) return parseIcmp(protocol, from, to);
  return { understood: true, traffic: { kind: 'protocol', protocol } };
}

function protocolNumber(text: string): number | undefined {
  const named = NUMBERS.get(text.toLowerCase());
  if (named !== undefined) return named;
  return /^[0-9]{1,3}$/.test(text) && Number(text) < 256 ? Number(text) : undefined;
}

function parsePorts(protocol: 6 | 17, fromText?: string, toText?: string): ParsedTraffic {
  const [from, to] = [integer(fromText), integer(toText)];
  if (from === undefined || to === undefined)
    return {
      understood: false,
      message: 'Invalid value for portRange. Must specify both from and to ports with TCP/UDP.',
    };
  if (from === -1 && to === -1)
    return { understood: true, traffic: { kind: 'ports', protocol, from: 0, to: 65_535 } };
  if (from > to)
    return {
      understood: false,
      message: `Invalid TCP/UDP port range (${from}:${to}): the first port is above the last`,
    };
  const outside = [from, to].find((port) => port < 0 || port > 65_535);
  if (outside !== undefined)
    return { understood: false, message: `Invalid value '${outside}' for a port: ports are 0 to 65535` };
  return { understood: true, traffic: { kind: 'ports', protocol, from, to } };
}

function parseIcmp(protocol: 1 | 58, typeText?: string, codeText?: string): ParsedTraffic {
  const [type, code] = [integer(typeText ?? '-1'), integer(codeText ?? '-1')];
  const isByte = (value: number | undefined): value is number =>
    value !== undefined && value >= -1 && value <= 255;
  if (!isByte(type) || !isByte(code))
    return { understood: false, message: `ICMP type (${typeText}) and code (${codeText}) are -1 to 255` };
  if (type === -1 && code !== -1)
    return {
      understood: false,
      message: `ICMP code (${code}) without a type: give the type, or -1 for both`,
    };
  const narrowed = type === -1 ? {} : { type, ...(code === -1 ? {} : { code }) };
  return { understood: true, traffic: { kind: 'icmp', protocol, ...narrowed } };
}

const integer = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?[0-9]{1,6}$/.test(text) ? Number(text) : undefined;

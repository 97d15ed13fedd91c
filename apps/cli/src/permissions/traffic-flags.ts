import type { Flag, Given } from '../flags.js';
import { UsageError } from '../usage-error.js';
import type { Traffic } from './permission.js';

export const TRAFFIC_FLAGS: readonly Flag[] = [
  {
    flags: '-P, --protocol <protocol>',
    says: 'tcp, udp, icmp, icmpv6, an IP protocol number, or all (-1); tcp unless given',
    completes: ['tcp', 'udp', 'icmp', 'icmpv6', 'all'],
  },
  { flags: '-p, --port-range <range>', says: 'a port, FROM-TO, or -1 for every port', repeatable: true },
  { flags: '-t, --icmp-type-code <type:code>', says: 'ICMP type and code; -1 is any', repeatable: true },
];

const ALL = '-1';
const NAMES: Readonly<Record<string, string>> = {
  all: ALL,
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '58': 'icmpv6',
};

/** One for each `-p` or `-t`. */
export function trafficFrom(given: Given): readonly Traffic[] {
  const typed = given.one('--protocol') ?? 'tcp';
  const protocol = protocolFrom(typed);
  const ranges = given.many('--port-range');
  const types = given.many('--icmp-type-code');
  if (protocol === 'tcp' || protocol === 'udp') {
    refuse('--icmp-type-code', types, `is for ICMP: add -P icmp, or give -p instead`);
    if (ranges.length === 0)
      throw new UsageError(
        `--port-range is missing: give -p 80, -p 1000-2000, or -p -1 for every ${protocol} port`,
      );
    return ranges.map((range) => ({ protocol, ...portsFrom(range) }));
  }
  refuse(
    '--port-range',
    ranges.filter((range) => range !== ALL),
    `has no meaning with -P ${typed}: leave it out`,
  );
  if (protocol !== 'icmp' && protocol !== 'icmpv6') {
    refuse('--icmp-type-code', types, `has no meaning with -P ${typed}: leave it out`);
    return [{ protocol }];
  }
  if (types.length === 0)
    throw new UsageError(
      '--icmp-type-code is missing: give -t 8:0 for echo requests, or -t -1:-1 for every type',
    );
  return types.map((type) => ({ protocol, ...typeFrom(type) }));
}

function protocolFrom(text: string): string {
  const protocol = NAMES[text.toLowerCase()] ?? text.toLowerCase();
  if (/^(tcp|udp|icmp|icmpv6|-1)$/.test(protocol)) return protocol;
  if (/^[0-9]{1,3}$/.test(protocol) && Number(protocol) <= 255) return protocol;
  throw new UsageError(
    `--protocol '${text}' is unknown: use tcp, udp, icmp, icmpv6, a number up to 255, or all`,
  );
}

function portsFrom(range: string): { from: string; to: string } {
  if (range === ALL) return { from: '0', to: '65535' };
  const [, from, to = from] = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(range) ?? [];
  if (from === undefined || to === undefined || Number(to) > 65535)
    throw new UsageError(
      `--port-range '${range}' is malformed: use a port up to 65535, FROM-TO, or -1 for all`,
    );
  if (Number(from) > Number(to))
    throw new UsageError(`--port-range '${range}' runs backwards: write ${to}-${from}`);
  return { from, to };
}

function typeFrom(text: string): { from: string; to: string } {
  const [, type, code] = /^(-1|[0-9]{1,3}):(-1|[0-9]{1,3})$/.exec(text) ?? [];
  if (type !== undefined && code !== undefined && Number(type) <= 255 && Number(code) <= 255)
    return { from: type, to: code };
  throw new UsageError(`--icmp-type-code '${text}' is malformed: use TYPE:CODE, as in -t 8:0 or -t -1:-1`);
}

function refuse(flag: string, [value]: readonly string[], because: string): void {
  if (value !== undefined) throw new UsageError(`${flag} '${value}' ${because}`);
}

import { ICMP, ICMPV6, TCP, UDP, type Flow } from '#libs/domain';
import { LabError } from '../errors.js';

/** What is tried: a TCP connection, a UDP datagram and its answer, or a ping. */
export type Trial =
  { readonly protocol: 'tcp' | 'udp'; readonly port: number } | { readonly protocol: 'icmp' };

/** `tcp/80`, `udp/53`, `icmp` or `ping`. */
export function parseTrial(text: string): Trial {
  const [protocol, port, ...rest] = text.toLowerCase().split('/');
  if ((protocol === 'icmp' || protocol === 'ping') && port === undefined) return { protocol: 'icmp' };
  const number = /^[0-9]{1,5}$/.test(port ?? '') ? Number(port) : 0;
  if ((protocol === 'tcp' || protocol === 'udp') && number > 0 && number < 65_536 && rest.length === 0)
    return { protocol, port: number };
  throw new LabError(`can't try ${text}: say tcp/PORT, udp/PORT or icmp`);
}

export const textOfTrial = (trial: Trial): string =>
  trial.protocol === 'icmp' ? 'icmp' : `${trial.protocol}/${trial.port}`;

const ECHO_REQUEST = { icmp: 8, icmpv6: 128 } as const;

/** The first packet of it, as rules see it. */
export function flowOf(trial: Trial, family: 4 | 6): Flow {
  if (trial.protocol !== 'icmp') return { protocol: trial.protocol === 'tcp' ? TCP : UDP, port: trial.port };
  return family === 4
    ? { protocol: ICMP, type: ECHO_REQUEST.icmp, code: 0 }
    : { protocol: ICMPV6, type: ECHO_REQUEST.icmpv6, code: 0 };
}

import { z } from 'zod';
import { parseInstanceId, parseIpAddress, type Flow } from '#libs/domain';
import type { FlowEnd } from '#libs/projections';
import { parsed } from '../commands/service-values.js';
import { accountText, end, grant, groupName, groupRule, traffic } from './rule-shapes.js';
import { digits, logPosition, many, moment, named, says } from './shapes.js';

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 };
/** What `ping` sends. */
const ECHO_REQUEST: Readonly<Record<number, number>> = { 1: 8, 58: 128 };

const flowEnd = parsed((text): FlowEnd | undefined => {
  const [instanceId, address] = [parseInstanceId(text), parseIpAddress(text)];
  if (instanceId) return { kind: 'instance', instanceId };
  return address && { kind: 'address', address };
}, 'use the id of an instance, or an IP address');

const protocol = parsed((text) => {
  const number = PROTOCOLS[text.toLowerCase()] ?? (/^[0-9]{1,3}$/.test(text) ? Number(text) : 256);
  return number > 255 ? undefined : { number };
}, 'use tcp, udp, icmp, icmpv6 or a number up to 255; a packet has one protocol');

export const explainQuery = z.object({
  from: flowEnd,
  to: flowEnd,
  protocol: protocol.prefault('tcp').meta(says('tcp, udp, icmp, icmpv6 or a number')),
  port: digits(0, 65_535).optional().meta(says('Of the destination; needed for TCP and UDP')),
  icmpType: digits(0, 255).optional().meta(says('An echo request, when absent')),
  icmpCode: digits(0, 255).optional(),
  family: z.enum(['4', '6']).optional().meta(says('Where both would do, IPv4 unless it is given')),
  at: moment.optional(),
  account: accountText.optional(),
});

/** The packet's own part of what is asked, or what is wrong with it. */
export function flowFrom({
  protocol: { number },
  port,
  icmpType,
  icmpCode,
}: z.output<typeof explainQuery>): Flow | string {
  const isIcmp = number in ECHO_REQUEST;
  const hasPorts = number === 6 || number === 17;
  if (hasPorts && port === undefined) return 'port: a TCP or UDP packet has one: give the destination’s';
  if (!hasPorts && port !== undefined) return 'port: only TCP and UDP have ports: leave it out';
  if (!isIcmp && (icmpType ?? icmpCode) !== undefined) return 'icmpType: only ICMP has types: leave it out';
  if (hasPorts) return { protocol: number, port: port ?? 0 };
  return isIcmp
    ? { protocol: number, type: icmpType ?? ECHO_REQUEST[number] ?? 0, code: icmpCode ?? 0 }
    : { protocol: number };
}

const nearMiss = named(
  'NearMiss',
  'A rule that comes close, and what it has otherwise',
  z.object({ rule: groupRule, differs: z.enum(['peer', 'port', 'type', 'protocol']) }),
);

const judgement = named(
  'Judgement',
  'What one direction says. An end that is no instance is not asked; why another account says so is its own affair',
  z.object({
    verdict: z.enum(['allowed', 'denied', 'not asked']),
    by: many(grant).optional().meta(says('The rules that let it through')),
    groups: many(groupName).optional().meta(says('None of these has a rule for it')),
    nearest: many(nearMiss).optional(),
    fix: z.string().optional().meta(says('What to type so that it is allowed')),
  }),
);

export const explanation = named(
  'Explanation',
  'What becomes of a packet, and why',
  z.object({
    position: logPosition,
    allowed: z.boolean(),
    source: end,
    destination: end,
    protocol: traffic.protocol,
    port: traffic.from,
    icmpType: traffic.icmpType,
    icmpCode: traffic.icmpCode,
    egress: judgement,
    ingress: judgement,
  }),
);

import { z } from 'zod';
import {
  parseAccountId,
  parseCidr,
  parsePrefixListId,
  type AccountId,
  type RequestedPermission,
  type Traffic,
} from '#libs/domain';
import { group, parsed, ruleId, wholeNumber } from './service-values.js';

const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 };
const byte = wholeNumber(0, 255);
const port = wholeNumber(0, 65_535);
const protocol = z.union(
  [z.enum(['all', 'tcp', 'udp', 'icmp', 'icmpv6']), byte],
  'use all, tcp, udp, icmp, icmpv6 or a number up to 255',
);

/** What a rule permits, as services write it: ports left out mean all of them, as do a type and a code. */
const fields = {
  protocol,
  from: port.optional(),
  to: port.optional(),
  icmpType: byte.optional(),
  icmpCode: byte.optional(),
  cidr: parsed(parseCidr, 'use a block such as 10.0.0.0/8').optional(),
  group: group.optional(),
  account: parsed(parseAccountId, 'use 12 digits').optional(),
  prefixList: parsed(parsePrefixListId, 'use an id such as pl-1a2b3c4d').optional(),
  description: z.string().max(255).optional(),
};

interface Fields {
  readonly protocol: string | number;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly cidr?: unknown;
  readonly group?: unknown;
  readonly prefixList?: unknown;
  readonly icmpType?: number | undefined;
  readonly icmpCode?: number | undefined;
}

function checkRule(rule: Fields, context: z.core.$RefinementCtx): void {
  const peers = [rule.cidr, rule.group, rule.prefixList].filter((peer) => peer !== undefined);
  const no = (message: string): void => void context.issues.push({ code: 'custom', message, input: rule });
  if (peers.length !== 1) no('give one of cidr, group and prefixList');
  if (rule.from !== undefined && rule.to !== undefined && rule.from > rule.to)
    no(`the first port, ${rule.from}, is above the last, ${rule.to}`);
  if (rule.icmpCode !== undefined && rule.icmpType === undefined) no('an icmpCode needs its icmpType');
}

export const rule = z.strictObject(fields).superRefine(checkRule);
/** A rule under its id. */
export const namedRule = z.strictObject({ ...fields, ruleId }).superRefine(checkRule);
export type RuleBody = z.output<typeof rule>;

/** The same without its description. */
export function permissionFrom(body: RuleBody, accountId: AccountId): RequestedPermission {
  const traffic = trafficFrom(body);
  const { cidr, group: named, prefixList, account = accountId } = body;
  if (cidr !== undefined) return { traffic, peer: { kind: 'cidr', cidr } };
  if (named !== undefined) return { traffic, peer: { kind: 'group', accountId: account, group: named } };
  if (prefixList !== undefined) return { traffic, peer: { kind: 'prefix-list', prefixListId: prefixList } };
  throw new TypeError('a rule without a peer got past its parser');
}

export const descriptionOf = ({
  description,
}: {
  readonly description?: string | undefined;
}): { readonly description?: string } => (description === undefined ? {} : { description });

function trafficFrom({ protocol, from, to, icmpType: type, icmpCode: code }: RuleBody): Traffic {
  if (protocol === 'all') return { kind: 'all' };
  const number = typeof protocol === 'number' ? protocol : (PROTOCOLS[protocol] ?? 0);
  if (number === 6 || number === 17)
    return { kind: 'ports', protocol: number, from: from ?? to ?? 0, to: to ?? from ?? 65_535 };
  if (number === 1 || number === 58) {
    const narrowed = type === undefined ? {} : { type, ...(code === undefined ? {} : { code }) };
    return { kind: 'icmp', protocol: number, ...narrowed };
  }
  return { kind: 'protocol', protocol: number };
}

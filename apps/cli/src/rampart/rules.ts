import type { Connection } from '../connection/connection.js';
import { query } from '../connection/query.js';
import type { XmlElement } from '../connection/xml-element.js';
import { FILTER_FLAG, filterParameters } from '../filters.js';
import type { Given } from '../flags.js';
import { fetchGroups } from './groups.js';
import { listingCommand } from './listing.js';

export interface RuleView {
  readonly ruleId: string;
  readonly groupId: string;
  /** Empty where the name of a group is not for this account to know, here and in `peer`. */
  readonly groupName: string;
  readonly direction: 'ingress' | 'egress';
  readonly protocol: string;
  /** For ICMP the type; -1 is any. */
  readonly from: number;
  /** For ICMP the code; -1 is any. */
  readonly to: number;
  readonly peer:
    { readonly cidr: string } | { readonly groupId: string; readonly name: string; readonly ownerId: string };
  readonly description: string;
}

/** The rules of the groups named, or of all, in the order of the groups. */
async function fetchRules(connection: Connection, given: Given): Promise<readonly RuleView[]> {
  const [asked, filters] = [given.operands, given.many('--filter')];
  const groups = await fetchGroups(connection, asked);
  const ofGroups = asked.length === 0 ? [] : groups.map(({ groupId }) => `group-id=${groupId}`);
  const [rules, known] = await Promise.all([
    query(connection, {
      Action: 'DescribeSecurityGroupRules',
      ...filterParameters([...ofGroups, ...filters]),
    }),
    asked.length === 0 ? groups : fetchGroups(connection, []),
  ]);
  const names = new Map(known.map(({ groupId, name }) => [groupId, name]));
  const order = [...names.keys()];
  const rank = ({ groupId, direction }: RuleView): number =>
    order.indexOf(groupId) * 2 + (direction === 'ingress' ? 0 : 1);
  return rules.element
    .items('securityGroupRuleSet')
    .map((rule) => ruleFrom(rule, names))
    .sort((one, other) => rank(one) - rank(other));
}

function ruleFrom(rule: XmlElement, names: ReadonlyMap<string, string>): RuleView {
  const groupId = rule.text('groupId') ?? '';
  const cidr = rule.text('cidrIpv4') ?? rule.text('cidrIpv6');
  const peerId = rule.text('referencedGroupInfo.groupId') ?? '';
  return {
    ruleId: rule.text('securityGroupRuleId') ?? '',
    groupId,
    groupName: names.get(groupId) ?? '',
    direction: rule.text('isEgress') === 'true' ? 'egress' : 'ingress',
    protocol: rule.text('ipProtocol') ?? '',
    from: Number(rule.text('fromPort') ?? -1),
    to: Number(rule.text('toPort') ?? -1),
    peer: cidr
      ? { cidr }
      : {
          groupId: peerId,
          name: names.get(peerId) ?? '',
          ownerId: rule.text('referencedGroupInfo.userId') ?? '',
        },
    description: rule.text('description') ?? '',
  };
}

export const rules = listingCommand<RuleView>({
  summary: 'Lists rules, one a line, with the names of groups.',
  operands: '[group...]',
  completes: 'group',
  looksBack: true,
  flags: [FILTER_FLAG],
  examples: [
    ['', 'every rule of the account'],
    ['MySQL', 'who may reach instances in MySQL, and whom they may reach'],
    ['Apache --json', 'for programs'],
  ],
  plural: 'rules',
  fetch: fetchRules,
  columns: [
    ['GROUP', ({ groupName, groupId }) => groupName || groupId],
    ['DIRECTION', ({ direction }) => direction],
    ['PROTOCOL', ({ protocol }) => (protocol === '-1' ? 'all' : protocol)],
    ['PORTS', portsOf],
    ['PEER', ({ direction, peer }) => `${direction === 'ingress' ? 'from' : 'to'} ${peerOf(peer)}`],
    ['DESCRIPTION', ({ description }) => description],
    ['RULE', ({ ruleId }) => ruleId],
  ],
  whenEmpty: 'no such rule',
});

export function portsOf({ protocol, from, to }: Pick<RuleView, 'protocol' | 'from' | 'to'>): string {
  if (protocol === 'icmp' || protocol === 'icmpv6')
    return from === -1 ? 'any type' : to === -1 ? `type ${from}` : `type ${from} code ${to}`;
  if (protocol !== 'tcp' && protocol !== 'udp') return '';
  if (from === 0 && to === 65_535) return 'all';
  return from === to ? String(from) : `${from}-${to}`;
}

function peerOf(peer: RuleView['peer']): string {
  if ('cidr' in peer) return peer.cidr;
  return peer.name || `${peer.groupId} of ${peer.ownerId}`;
}

import { ANY_IPV4, ANY_IPV6 } from '../values/cidr.js';
import type { GroupId, RuleId } from '../values/ids.js';
import type { Rule } from '../values/rule.js';

export const DEFAULT_GROUP_NAME = 'default';

/** A new group lets everything out (Amazon VPC user guide, "Default security groups"). */
export function allowAllEgress(groupId: GroupId, [ipv4, ipv6]: readonly [RuleId, RuleId]): readonly Rule[] {
  const rule = { groupId, direction: 'egress', traffic: { kind: 'all' } } as const;
  return [
    { ...rule, ruleId: ipv4, peer: { kind: 'cidr', cidr: ANY_IPV4 } },
    { ...rule, ruleId: ipv6, peer: { kind: 'cidr', cidr: ANY_IPV6 } },
  ];
}

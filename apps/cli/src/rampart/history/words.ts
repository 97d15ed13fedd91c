import type { Cause, GroupName, GroupRule, Peer } from './views.js';

/** How rules and their stories read to people. */

export const groupWord = ({ name, groupId }: GroupName): string => name ?? groupId;

/** `tcp 3306`, `icmp type 8`, `all`. */
export function trafficWords({ protocol, from, to, icmpType, icmpCode }: GroupRule): string {
  if (from !== undefined && to !== undefined)
    return from === to
      ? `${protocol} ${from}`
      : from === 0 && to === 65_535
        ? `${protocol}`
        : `${protocol} ${from}-${to}`;
  if (icmpType !== undefined)
    return `${protocol} type ${icmpType}${icmpCode === undefined ? '' : ` code ${icmpCode}`}`;
  return typeof protocol === 'number' ? `protocol ${protocol}` : protocol;
}

export function peerWord({ cidr, name, groupId, prefixListId, accountId }: Peer): string {
  if (cidr !== undefined) return cidr;
  if (name !== undefined) return name;
  return groupId === undefined ? (prefixListId ?? '') : `${groupId} of ${accountId ?? 'another account'}`;
}

/** `MySQL: ingress tcp 3306 from Apache`. */
export const ruleWords = (rule: GroupRule): string =>
  `${groupWord(rule.group)}: ${rule.direction} ${trafficWords(rule)} ${peerWords(rule)}`;

export const peerWords = ({ direction, peer }: GroupRule): string =>
  `${direction === 'ingress' ? 'from' : 'to'} ${peerWord(peer)}`;

/** `since 12, 2026-11-25T17:30:00.000Z, by 111122223333 with AKID…`. */
export function causeWords(word: 'since' | 'by', { position, time, actor }: Cause): string {
  const who =
    actor &&
    [actor.accountId ?? actor.hostId ?? actor.kind, actor.accessKeyId].filter(Boolean).join(' with ');
  return [`${word} event ${position}`, time, who && `by ${who}`].filter(Boolean).join(', ');
}

import type { z } from 'zod';
import type { AccountId, LogPosition, Peer, RecordedEvent, Traffic } from '#libs/domain';
import type { Directory, GroupView, InstanceView, RuleView } from '#libs/projections';
import type { AccountKey } from '../accounts/access-keys.js';
import { Problem } from './problem.js';
import type { cause, end, groupName, groupRule, traffic } from './rule-shapes.js';

/** Whose things are shown: one account's, or all to an operator who names none. */
export type Viewer = AccountId | 'everyone';

/** Whose things the caller is shown; a problem when they are not the caller's to see. */
export function viewerFor({ accountId, operator }: AccountKey, named: AccountId | undefined): Viewer {
  if (operator === true) return named ?? 'everyone';
  if (named === undefined || named === accountId) return accountId;
  throw new Problem(403, 'UnauthorizedOperation', `account ${named} is not yours, and you are no operator`);
}

export const sees = (viewer: Viewer, { accountId }: { readonly accountId: AccountId }): boolean =>
  viewer === 'everyone' || viewer === accountId;

/** The events that are known, by position. */
export type Events = ReadonlyMap<LogPosition, RecordedEvent>;

export function causeAnswer(position: LogPosition, events: Events): z.output<typeof cause> {
  const recorded = events.get(position);
  return recorded ? eventAnswer(recorded) : { position };
}

export const eventAnswer = ({ position, time, requestId, actor }: RecordedEvent): z.output<typeof cause> => ({
  position,
  time,
  requestId,
  actor,
});

export const groupAnswer = ({ groupId, name }: GroupView): z.output<typeof groupName> => ({ groupId, name });

const NAMES = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' } as const;

export const protocolAnswer = (number: number): z.output<typeof traffic.protocol> =>
  NAMES[number as keyof typeof NAMES] ?? number;

type TrafficAnswer = Pick<z.output<typeof groupRule>, keyof typeof traffic>;

function trafficAnswer(asked: Traffic): TrafficAnswer {
  if (asked.kind === 'all') return { protocol: 'all' };
  const protocol = protocolAnswer(asked.protocol);
  switch (asked.kind) {
    case 'protocol':
      return { protocol };
    case 'ports':
      return { protocol, from: asked.from, to: asked.to };
    case 'icmp':
      return { protocol, icmpType: asked.type, icmpCode: asked.code };
  }
}

/** Names are given where they are the viewer's own. */
export function peerAnswer(
  peer: Peer,
  directory: Directory,
  viewer: Viewer,
): z.output<typeof groupRule>['peer'] {
  switch (peer.kind) {
    case 'cidr':
      return { cidr: peer.cidr };
    case 'group': {
      const { groupId, accountId } = peer;
      const name = sees(viewer, peer) ? directory.groups.get(groupId)?.name : undefined;
      return { groupId, accountId, name };
    }
    case 'prefix-list': {
      const { prefixListId } = peer;
      return { prefixListId, name: directory.prefixLists.get(prefixListId)?.name };
    }
  }
}

export function ruleAnswer(
  { rule, since }: RuleView,
  group: GroupView,
  directory: Directory,
  viewer: Viewer,
  events: Events,
): z.output<typeof groupRule> {
  const { ruleId, direction, description } = rule;
  return {
    ruleId,
    group: groupAnswer(group),
    direction,
    ...trafficAnswer(rule.traffic),
    peer: peerAnswer(rule.peer, directory, viewer),
    description,
    since: causeAnswer(since, events),
  };
}

export const nameOf = ({ tags }: InstanceView): string | undefined => tags.get('Name');

export function endAnswer(
  address: string,
  view: InstanceView | undefined,
  viewer: Viewer,
  events: Events,
): z.output<typeof end> {
  if (!view || !sees(viewer, view)) return { address };
  const { instanceId, hostId } = view.instance;
  return {
    address,
    instanceId,
    name: nameOf(view),
    hostId,
    groups: groupsWorn(view),
    since: causeAnswer(view.position, events),
  };
}

export const groupsWorn = ({ instance, groupNames }: InstanceView): readonly z.output<typeof groupName>[] =>
  instance.groupIds.map((groupId, index) => ({ groupId, name: groupNames[index] }));

import { trafficIncludes, type Cidr, type Direction, type Flow, type Packet } from '#libs/domain';
import type { Directory } from '../directory/directory.js';
import type { GroupView, RuleView } from '../directory/views.js';
import { instanceAt } from './membership.js';
import { missingFor, type Missing } from './missing.js';
import { groupsOf, isPeer, type JudgedEnd, type Side } from './side.js';

/** What becomes of a packet and why: `permits`, with its reasons. */
export interface Explanation {
  readonly packet: Packet;
  readonly source: JudgedEnd;
  readonly destination: JudgedEnd;
  readonly allowed: boolean;
  /** By the groups of the source. */
  readonly egress: Judgement;
  /** By the groups of the destination. */
  readonly ingress: Judgement;
}

export type Judgement =
  | { readonly verdict: 'not asked' }
  | { readonly verdict: 'allowed'; readonly by: readonly Grant[] }
  | { readonly verdict: 'denied'; readonly missing: Missing };

/** A rule of one of the end's groups that lets the packet through. */
export interface Grant {
  readonly view: RuleView;
  readonly group: GroupView;
  /** Of a prefix list, the block that the other end is in. */
  readonly block?: Cidr;
}

export function explain(directory: Directory, packet: Packet): Explanation {
  const source = { address: packet.source, instance: instanceAt(directory, packet.source) };
  const destination = { address: packet.destination, instance: instanceAt(directory, packet.destination) };
  const egress = judge(directory, 'egress', source, destination, packet.flow);
  const ingress = judge(directory, 'ingress', destination, source, packet.flow);
  const allowed = egress.verdict !== 'denied' && ingress.verdict !== 'denied';
  return { packet, source, destination, allowed, egress, ingress };
}

function judge(
  directory: Directory,
  direction: Direction,
  { instance: own }: JudgedEnd,
  other: JudgedEnd,
  flow: Flow,
): Judgement {
  if (!own) return { verdict: 'not asked' };
  const side = { direction, own, groups: groupsOf(directory, own.instance.groupIds), other, flow };
  const by = grantsFor(directory, side);
  return by.length > 0
    ? { verdict: 'allowed', by }
    : { verdict: 'denied', missing: missingFor(directory, side) };
}

const grantsFor = (directory: Directory, { direction, groups, other, flow }: Side): readonly Grant[] =>
  groups.flatMap((group) =>
    [...group.rules.values()].flatMap((view): readonly Grant[] => {
      const { rule } = view;
      if (rule.direction !== direction || !trafficIncludes(rule.traffic, flow)) return [];
      const by = isPeer(directory, rule.peer, other);
      return by === false ? [] : [{ view, group, ...by }];
    }),
  );

import type { z } from 'zod';
import type { LogPosition } from '#libs/domain';
import {
  authorizeLine,
  type Directory,
  type Explanation,
  type JudgedEnd,
  type Judgement,
} from '#libs/projections';
import type { explanation } from './explain-shapes.js';
import {
  endAnswer,
  groupAnswer,
  protocolAnswer,
  ruleAnswer,
  sees,
  type Events,
  type Viewer,
} from './rule-answers.js';

interface Seen {
  readonly position: LogPosition;
  readonly directory: Directory;
  readonly viewer: Viewer;
  readonly events: Events;
}

type Answer = z.output<typeof explanation>;

/** Of the events that an explanation names. */
export const positionsIn = ({
  source,
  destination,
  egress,
  ingress,
}: Explanation): readonly LogPosition[] => [
  ...[source, destination].flatMap(({ instance }) => instance?.position ?? []),
  ...[egress, ingress].flatMap(viewsIn).map(({ since }) => since),
];

function viewsIn(judgement: Judgement) {
  switch (judgement.verdict) {
    case 'not asked':
      return [];
    case 'allowed':
      return judgement.by.map(({ view }) => view);
    case 'denied':
      return judgement.missing.nearest.map(({ view }) => view);
  }
}

export function explanationAnswer(explained: Explanation, seen: Seen): Answer {
  const { packet, source, destination, allowed, egress, ingress } = explained;
  const { protocol, port, type, code } = packet.flow;
  const ends = [source, destination].map(({ address, instance }) =>
    endAnswer(address, instance, seen.viewer, seen.events),
  ) as [Answer['source'], Answer['destination']];
  return {
    position: seen.position,
    allowed,
    source: ends[0],
    destination: ends[1],
    protocol: protocolAnswer(protocol),
    port,
    icmpType: type,
    icmpCode: code,
    egress: judgementAnswer(egress, source, seen),
    ingress: judgementAnswer(ingress, destination, seen),
  };
}

/** Of another account's instance the verdict only, which a packet would tell as well. */
function judgementAnswer(
  judgement: Judgement,
  { instance }: JudgedEnd,
  { directory, viewer, events }: Seen,
): Answer['egress'] {
  const { verdict } = judgement;
  if (verdict === 'not asked' || !instance || !sees(viewer, instance)) return { verdict };
  if (verdict === 'allowed')
    return {
      verdict,
      by: judgement.by.map(({ view, group, block }) => ({
        ...ruleAnswer(view, group, directory, viewer, events),
        block,
      })),
    };
  const { groups, nearest, permission } = judgement.missing;
  return {
    verdict,
    groups: groups.map(groupAnswer),
    nearest: nearest.map(({ view, group, differs }) => ({
      rule: ruleAnswer(view, group, directory, viewer, events),
      differs,
    })),
    fix: authorizeLine(permission),
  };
}

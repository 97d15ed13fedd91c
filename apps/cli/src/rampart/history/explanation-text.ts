import type { Cause, GroupName, GroupRule } from './views.js';
import { causeWords, groupWord, ruleWords } from './words.js';

interface End {
  readonly address: string;
  readonly instanceId?: string;
  readonly name?: string;
  readonly hostId?: string;
  readonly groups?: readonly GroupName[];
  readonly since?: Cause;
}

interface Judgement {
  readonly verdict: 'allowed' | 'denied' | 'not asked';
  readonly by?: readonly (GroupRule & { readonly block?: string })[];
  readonly groups?: readonly GroupName[];
  readonly nearest?: readonly { readonly rule: GroupRule; readonly differs: string }[];
  readonly fix?: string;
}

export interface ExplanationView {
  readonly position: number;
  readonly allowed: boolean;
  readonly source: End;
  readonly destination: End;
  readonly protocol: string | number;
  readonly port?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  readonly egress: Judgement;
  readonly ingress: Judgement;
}

/** The verdict, the way of the packet, and what each end of it says and why. */
export const explanationText = (view: ExplanationView): string =>
  [
    `${view.allowed ? 'ALLOWED' : 'NOT ALLOWED'}  ${packetWords(view)}  (log position ${view.position})`,
    '',
    ...endLines(view.source),
    ...judgementLines('out', view.egress, view.source),
    '    ↓',
    ...endLines(view.destination),
    ...judgementLines('in', view.ingress, view.destination),
    '',
  ].join('\n');

function packetWords({ protocol, port, icmpType, icmpCode }: ExplanationView): string {
  if (port !== undefined) return `${protocol} to port ${port}`;
  if (icmpType !== undefined) return `${protocol} type ${icmpType} code ${icmpCode ?? 0}`;
  return `protocol ${protocol}`;
}

function endLines({ address, instanceId, name, hostId, groups = [], since }: End): readonly string[] {
  if (instanceId === undefined) return [`  ${address}`];
  const called = name === undefined ? instanceId : `${name} (${instanceId})`;
  const worn = groups.map(groupWord).join(', ');
  return [
    `  ${called} at ${address} on ${hostId ?? 'no host'}, wears ${worn}`,
    ...(since ? [`    ${causeWords('since', since)}`] : []),
  ];
}

function judgementLines(way: 'in' | 'out', judgement: Judgement, end: End): readonly string[] {
  const { verdict, by, groups = [], nearest = [], fix = '' } = judgement;
  if (verdict === 'not asked') return [`    ${way}: nobody asks, no instance is there`];
  if (end.instanceId === undefined) return [`    ${way}: ${verdict} by another account`];
  if (by)
    return by.flatMap((rule) => [`    ${way}: allowed by ${ruleWords(rule)}${meaning(rule)}`, storyOf(rule)]);
  return [
    `    ${way}: DENIED, no rule of ${groups.map(groupWord).join(' or ')} lets it ${way}`,
    ...nearest.flatMap(({ rule, differs }) => [
      `       near, but another ${differs}: ${ruleWords(rule)}`,
      storyOf(rule),
    ]),
    `       to allow it: ${fix}`,
  ];
}

function meaning({ direction, peer, block }: GroupRule & { readonly block?: string }): string {
  if (block !== undefined) return `, by its block ${block}`;
  if (peer.groupId === undefined) return '';
  return `, which the ${direction === 'ingress' ? 'sender' : 'receiver'} wears`;
}

const storyOf = ({ ruleId, since }: GroupRule): string => `         ${ruleId} ${causeWords('since', since)}`;

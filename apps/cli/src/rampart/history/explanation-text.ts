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
  readonly by?: readonly GroupRule[];
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
    `  ${endWords(view.source)}`,
    ...judgementLines('out', view.egress, view.source),
    `    ↓`,
    `  ${endWords(view.destination)}`,
    ...judgementLines('in', view.ingress, view.destination),
    '',
  ].join('\n');

function packetWords({ protocol, port, icmpType, icmpCode }: ExplanationView): string {
  if (port !== undefined) return `${protocol} to port ${port}`;
  if (icmpType !== undefined) return `${protocol} type ${icmpType} code ${icmpCode ?? 0}`;
  return `protocol ${protocol}`;
}

function endWords({ address, instanceId, name, hostId, groups = [], since }: End): string {
  if (instanceId === undefined) return address;
  const called = name === undefined ? instanceId : `${name} (${instanceId})`;
  const worn = groups.map(groupWord).join(', ');
  return `${called} at ${address} on ${hostId ?? '?'}, wears ${worn}${since ? `, ${causeWords('since', since)}` : ''}`;
}

function judgementLines(way: 'in' | 'out', judgement: Judgement, end: End): readonly string[] {
  const { verdict, by, groups, nearest = [], fix } = judgement;
  if (verdict === 'not asked') return [`    ${way}: nobody asks, no instance is there`];
  if (end.instanceId === undefined) return [`    ${way}: ${verdict} by another account`];
  if (by) return by.map((rule) => `    ${way}: allowed by ${storyOf(rule)}`);
  return [
    `    ${way}: DENIED, ${(groups ?? []).map(groupWord).join(', ')} ${groups?.length === 1 ? 'has' : 'have'} no rule for it`,
    ...nearest.map(({ rule, differs }) => `      near: ${storyOf(rule)}: another ${differs}`),
    `      to allow it: ${fix ?? ''}`,
  ];
}

const storyOf = (rule: GroupRule): string =>
  `${ruleWords(rule)} (${rule.ruleId}, ${causeWords('since', rule.since)})`;

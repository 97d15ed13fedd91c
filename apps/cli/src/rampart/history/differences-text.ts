import type { Cause, GroupName, GroupRule } from './views.js';
import { causeWords, groupWord, ruleWords } from './words.js';

interface Difference {
  readonly kind: string;
  readonly effect: string;
  readonly by?: Cause;
  readonly resourceId: string;
  readonly name?: string;
  readonly rule?: GroupRule;
  readonly addresses?: readonly string[];
  readonly groups?: readonly GroupName[];
  readonly cidr?: string;
  readonly through?: { readonly count: number; readonly rules: readonly GroupRule[] };
  readonly key?: string;
  readonly before?: string;
  readonly after?: string;
}

interface Moment {
  readonly position: number;
  readonly time: string;
}

export interface DifferencesView {
  readonly from: Moment;
  readonly to: Moment;
  readonly total: number;
  readonly changes: readonly Difference[];
}

const SIGNS: Readonly<Record<string, string>> = {
  opened: '+',
  launched: '+',
  added: '+',
  created: '+',
  closed: '-',
  terminated: '-',
  removed: '-',
  deleted: '-',
  changed: '~',
};

/** A line for each change, with `+` for what is more and `-` for what is less, and below it what that means and whose it is. */
export function differencesText({ from, to, total, changes }: DifferencesView): string {
  const head = `from ${momentWords(from)} to ${momentWords(to)}`;
  if (total === 0) return `${head}: nothing is otherwise\n`;
  const rest = total - changes.length;
  return [head, ...changes.flatMap(linesOf), ...(rest > 0 ? [`and ${rest} more: see --limit`] : []), ''].join(
    '\n',
  );
}

const momentWords = ({ position, time }: Moment): string =>
  position === 0 ? 'the beginning' : `${position} (${time})`;

const linesOf = (change: Difference): readonly string[] => [
  `${SIGNS[change.effect] ?? '?'} ${change.kind} ${wordsOf(change)}`,
  ...(change.through?.rules ?? []).map((rule) => `    through ${ruleWords(rule)} (${rule.ruleId})`),
  ...moreRules(change),
  ...(change.by ? [`    ${causeWords('by', change.by)}`] : []),
];

function moreRules({ through }: Difference): readonly string[] {
  const more = through ? through.count - through.rules.length : 0;
  return more > 0 ? [`    and through ${more} more rules`] : [];
}

function wordsOf(change: Difference): string {
  const { effect, rule, resourceId, name, addresses = [], groups = [], cidr, key, before, after } = change;
  const called = name === undefined ? resourceId : `${name} (${resourceId})`;
  switch (change.kind) {
    case 'rule':
      return `${effect}: ${rule ? ruleWords(rule) : ''} (${resourceId})`;
    case 'instance':
      return `${effect}: ${called} at ${addresses.join(' ')}, wears ${groups.map(groupWord).join(', ')}`;
    case 'block':
      return `${effect}: ${cidr ?? ''} in ${called}`;
    case 'name':
    case 'description':
    case 'tag': {
      const what = [key, cidr].filter(Boolean).join(' ');
      return `${what && `${what} `}of ${resourceId}: ${quoted(before)} → ${quoted(after)}`;
    }
    default:
      return `${effect}: ${called}`;
  }
}

const quoted = (text: string | undefined): string => (text === undefined ? 'none' : `'${text}'`);

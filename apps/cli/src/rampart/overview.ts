import type { Grammar } from '../grammar.js';
import { VERB_NAMES, verbNamed } from '../verb-table.js';
import { COMMANDS } from './command-table.js';

/** Beside what asks the control plane. */
export const OTHER_COMMANDS = {
  log: 'Verifies, copies, exports and imports a log: rampart log --help.',
  lab: 'Runs a whole fleet on this machine.',
  completion: 'Prints what lets bash or zsh complete flags, groups, instances and hosts.',
  help: 'Shows this, or the help of what is named.',
} as const;

type Line = readonly [names: string, summary: string];

/** Everything there is, one line each. */
export async function overview(): Promise<string> {
  const verbs = VERB_NAMES.map((names) => lineOf(names.join(', '), verbNamed(names[0] ?? '')));
  const commands = Object.entries(COMMANDS).map(([name, load]) => lineOf(name, load));
  return [
    'Rampart: security groups for a fleet of Linux hosts.',
    '',
    'The verbs of EC2, each with its own --help:',
    ...aligned(await Promise.all(verbs)),
    '',
    'What EC2 has no words for:',
    ...aligned([...(await Promise.all(commands)), ...Object.entries(OTHER_COMMANDS)], 'rampart '),
    '',
    'Say who you are in EC2_URL, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    '',
  ].join('\n');
}

const lineOf = async (names: string, load?: () => Promise<Grammar>): Promise<Line> => [
  names,
  (await load?.())?.summary ?? '',
];

function aligned(lines: readonly Line[], before = ''): readonly string[] {
  const width = Math.max(...lines.map(([names]) => names.length));
  return lines.map(([names, summary]) => `  ${before}${names.padEnd(width)}  ${summary}`);
}

import { grammarOf, VERB_FLAGS } from '../common-flags.js';
import { CONNECTION_FLAGS, connectionFrom, type Connection } from '../connection/connection.js';
import { Given, type Completes, type Flag } from '../flags.js';
import type { Grammar } from '../grammar.js';
import { COMMANDS, commandNamed } from '../rampart/command-table.js';
import { OTHER_COMMANDS } from '../rampart/overview.js';
import type { Terminal } from '../terminal.js';
import { VERB_NAMES, verbNamed } from '../verb-table.js';
import { FILES } from './scripts.js';

/** Somebody is waiting with a finger on the key. */
const PATIENCE = { connecting: 1, waiting: 1 };

/** What may stand in place of the last word, one a line; nothing when that can't be known, for whatever reason. */
export async function complete(words: readonly string[], terminal: Terminal): Promise<string> {
  const word = words.at(-1) ?? '';
  try {
    const candidates = await candidatesFor(words, terminal);
    return [...new Set(candidates)]
      .filter((candidate) => candidate === FILES || candidate.startsWith(word))
      .map((candidate) => `${candidate}\n`)
      .join('');
  } catch {
    return ''; // no keys, no answer: a complaint in the middle of a line helps nobody
  }
}

async function candidatesFor(words: readonly string[], terminal: Terminal): Promise<readonly string[]> {
  const [name = '', ...rest] = words;
  const word = rest.at(-1) ?? '';
  const verb = await verbNamed(baseName(name))?.();
  if (verb) return afterName(grammarOf(verb), VERB_FLAGS, rest, terminal);
  if (rest.length <= 1) return namesFor(word);
  const command = await commandNamed(rest[0] ?? '')?.();
  if (command) return afterName(grammarOf(command), CONNECTION_FLAGS, rest.slice(1), terminal);
  if (rest[0] === 'completion') return ['bash', 'zsh'];
  if (rest[0] === 'log') return rest.length === 2 ? ['verify', 'backup', 'export', 'import', 'key'] : [];
  if (rest[0] === 'help') return namesFor(word);
  return verbNamed(rest[0] ?? '') ? candidatesFor(rest, terminal) : [];
}

/** The names of verbs only once they are asked for: they would bury the rest. */
const namesFor = (word: string): readonly string[] => [
  ...Object.keys(COMMANDS),
  ...Object.keys(OTHER_COMMANDS),
  ...(word.startsWith('e') ? VERB_NAMES.flat() : []),
];

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

async function afterName(
  grammar: Grammar,
  commonFlags: readonly Flag[],
  words: readonly string[],
  terminal: Terminal,
): Promise<readonly string[]> {
  const flags = [...grammar.flags, ...commonFlags];
  const [before = '', word = ''] = [words.at(-2), words.at(-1)];
  const flag = flags.find((one) => / </.test(one.flags) && spellingsOf(one).includes(before));
  if (flag) return valuesOf(flag.completes, word, terminal);
  if (word.startsWith('-')) return [...flags.flatMap(spellingsOf), '--help', '--version'];
  return valuesOf(grammar.completes, word, terminal);
}

/** Long before short, as a shell should offer what explains itself. */
const spellingsOf = ({ flags }: Flag): readonly string[] =>
  flags
    .split(/[ ,]+/)
    .filter((part) => part.startsWith('-'))
    .toReversed();

async function valuesOf(
  completes: Completes | undefined,
  word: string,
  terminal: Terminal,
): Promise<readonly string[]> {
  if (completes === undefined) return [];
  if (typeof completes === 'object') return completes;
  if (completes === 'file') return [FILES];
  const connection = { ...connectionFrom(new Given(), terminal), patience: PATIENCE };
  return idsOf(completes, word, connection);
}

/** Groups by name, by id once `sg-` is typed; what can have tags, only by id. */
async function idsOf(
  kind: Exclude<Completes, 'file' | readonly string[]>,
  word: string,
  connection: Connection,
): Promise<readonly string[]> {
  switch (kind) {
    case 'resource':
      return idsOf(word.startsWith('sg-') ? 'group' : 'instance', word, connection);
    case 'group': {
      const groups = await (await import('../rampart/groups.js')).fetchGroups(connection, []);
      return groups.map(({ groupId, name }) => (word.startsWith('sg-') ? groupId : name));
    }
    case 'instance': {
      const { fetchInstances } = await import('../rampart/instances.js');
      return (await fetchInstances(connection, [])).map(({ instanceId }) => instanceId);
    }
    case 'host':
      return (await (await import('../rampart/hosts.js')).fetchHosts(connection)).map(({ hostId }) => hostId);
  }
}

import { setTimeout } from 'node:timers/promises';
import { connectionFrom, type Connection } from '../connection/connection.js';
import { askRampart } from '../connection/native.js';
import { ConnectionError, ServiceError } from '../connection/service-error.js';
import type { Flag, Given } from '../flags.js';
import type { Terminal } from '../terminal.js';
import { UsageError } from '../usage-error.js';
import type { RampartCommand } from './command.js';
import { fetchGroups } from './groups.js';
import { LIMIT_FLAG, limitIn } from './limit.js';
import { tableOf, type Columns } from './table.js';

interface EventView {
  readonly position: number;
  readonly time: string;
  readonly action: string;
  readonly actor: {
    readonly kind: 'account' | 'host' | 'system';
    readonly accountId?: string;
    readonly accessKeyId?: string;
    readonly hostId?: string;
    readonly from?: string;
  };
  readonly requestId: string;
  readonly text: string;
  readonly details: { readonly accountId?: string };
  readonly enforcement?: { readonly concerned: number; readonly enforced: number; readonly retired: number };
}

interface Page {
  readonly events: readonly EventView[];
  readonly next?: number;
}

/** Flags that name what events must have to do with, each a parameter of the question too. */
const WHAT: readonly (Flag & { readonly parameter: string })[] = [
  { flags: '--account <id>', says: 'of that account; for operators', parameter: 'account' },
  {
    flags: '--group <group>',
    says: 'of that group, its rules and instances, and of rules that name it',
    parameter: 'group',
    completes: 'group',
  },
  { flags: '--rule <id>', says: 'of that rule', parameter: 'rule' },
  { flags: '--instance <id>', says: 'of that instance', parameter: 'instance', completes: 'instance' },
  { flags: '--address <address>', says: 'of instances that had that address', parameter: 'address' },
  { flags: '--prefix-list <id>', says: 'of that list, and of rules that name it', parameter: 'prefixList' },
  {
    flags: '--host <host>',
    says: 'of that host and what is placed on it',
    parameter: 'host',
    completes: 'host',
  },
  { flags: '--key <key>', says: 'by that access key', parameter: 'key' },
  { flags: '--action <type>', says: 'of that type, such as RuleRevoked', parameter: 'action' },
  { flags: '--request <id>', says: 'of that request', parameter: 'request' },
  {
    flags: '--since <moment>',
    says: 'after that moment: a position, a time, or how long ago',
    parameter: 'since',
  },
  { flags: '--until <moment>', says: 'up to that moment', parameter: 'until' },
];

const MOST = 999_999_999;
const MOST_ON_A_PAGE = 1000;
const FOLLOW_SECONDS = 30;
/** Between two attempts to reach a control plane that is gone. */
const PAUSE_MS = 1000;

const enforcedOn = ({ enforcement }: EventView): string =>
  enforcement ? `${enforcement.enforced}/${enforcement.concerned - enforcement.retired}` : '';

const whoIn = ({ actor }: EventView): string =>
  actor.accessKeyId ?? actor.hostId ?? actor.accountId ?? actor.kind;

const COLUMNS: Columns<EventView> = [
  ['POSITION', ({ position }) => String(position)],
  ['TIME', ({ time }) => time],
  ['ACTION', ({ action }) => action],
  ['WHAT', ({ text }) => text],
  ['ACCOUNT', ({ details }) => details.accountId ?? ''],
  ['WHO', whoIn],
  ['FROM', ({ actor }) => actor.from ?? ''],
  ['ENFORCED', enforcedOn],
  ['REQUEST', ({ requestId }) => requestId],
];

export const audit: RampartCommand = {
  summary: 'Lists who changed what, when, from where, and on how many hosts it is enforced.',
  operands: '',
  flags: [
    ...WHAT,
    LIMIT_FLAG,
    { flags: '--oldest', says: 'the oldest first, and not the newest' },
    { flags: '-f, --follow', says: 'go on with what happens from now on, until interrupted' },
    { flags: '--json', says: 'print a line of JSON for each' },
  ],
  examples: [
    ['--group MySQL', 'the latest 20 events that have to do with a group'],
    ['--action RuleRevoked --since 1h', 'what was closed in the last hour'],
    ['--oldest --limit 1000 --json', 'for programs, a line each; with -f, everything from now on'],
  ],
  run: async (given, terminal) => {
    const connection = connectionFrom(given, terminal);
    const asked = await parametersFrom(given, connection);
    const print = printerFor(given, terminal);
    const limit = limitIn(given, MOST);
    if (given.has('--follow')) return follow(connection, asked, print, terminal);
    await list(connection, asked, { limit, isOldestFirst: given.has('--oldest') }, print);
  },
};

async function parametersFrom(given: Given, connection: Connection): Promise<URLSearchParams> {
  const asked = new URLSearchParams();
  for (const { flags, parameter } of WHAT) {
    const value = given.one(flags.split(' ', 1)[0] ?? '');
    if (value !== undefined) asked.set(parameter, value);
  }
  const group = asked.get('group');
  if (group !== null && !group.startsWith('sg-')) asked.set('group', await groupIdOf(group, connection));
  return asked;
}

async function groupIdOf(name: string, connection: Connection): Promise<string> {
  const [group] = await fetchGroups(connection, [name]);
  if (group) return group.groupId;
  throw new UsageError(`there is no group '${name}' now: name one that is gone by its id`);
}

/** Page by page, so that a million take no more room than a thousand. */
async function list(
  connection: Connection,
  asked: URLSearchParams,
  { limit, isOldestFirst }: { readonly limit: number; readonly isOldestFirst: boolean },
  print: (events: readonly EventView[]) => void,
): Promise<void> {
  const [order, goOn] = isOldestFirst ? ['oldest', 'after'] : ['newest', 'before'];
  asked.set('order', order);
  let left = limit;
  for (let next: number | undefined = 0; left > 0 && next !== undefined;) {
    asked.set('limit', String(Math.min(left, MOST_ON_A_PAGE)));
    const page = await eventsOf(connection, asked);
    if (page.events.length > 0 || next === 0) print(page.events);
    left -= page.events.length;
    next = page.next;
    if (next !== undefined) asked.set(goOn, String(next));
  }
}

/** Goes on after what it printed last, whatever becomes of the control plane meanwhile. */
async function follow(
  connection: Connection,
  asked: URLSearchParams,
  print: (events: readonly EventView[]) => void,
  { err }: Terminal,
): Promise<never> {
  const { position } = await askRampart<{ readonly position: number }>(connection, '/v1/health');
  asked.set('order', 'oldest');
  asked.set('wait', String(FOLLOW_SECONDS));
  let isGone = false;
  asked.set('after', String(position));
  for (;;) {
    try {
      const { events } = await eventsOf(connection, asked);
      isGone = false;
      if (events.length > 0) print(events);
      asked.set('after', String(events.at(-1)?.position ?? asked.get('after')));
    } catch (error) {
      if (!isOutage(error)) throw error;
      if (!isGone) err(`rampart: ${error.message}; waiting until it is back\n`);
      isGone = true;
      await setTimeout(PAUSE_MS);
    }
  }
}

/** What is over when the control plane, and the log, are back; nothing that the question is to blame for. */
const isOutage = (error: unknown): error is Error =>
  error instanceof ConnectionError || (error instanceof ServiceError && error.isFault);

const eventsOf = (connection: Connection, asked: URLSearchParams): Promise<Page> =>
  askRampart<Page>(connection, `/v1/events?${asked.toString().replaceAll('+', '%20')}`);

function printerFor(given: Given, { out }: Terminal): (events: readonly EventView[]) => void {
  if (given.has('--json'))
    return (events) => {
      for (const event of events) out(`${JSON.stringify(event)}\n`);
    };
  let columns = COLUMNS;
  return (events) => {
    if (events.length === 0) out('nothing of that kind happened\n');
    else out(tableOf(columns, events));
    columns = COLUMNS.map(([, cell]) => ['', cell]); // the titles stand once
  };
}

import { once } from 'node:events';
import { join } from 'node:path';
import { accountId } from '../../support/cell.js';
import { Ec2Connections, type Parameters } from '../../support/ec2-connections.js';
import { Installation } from '../../support/installation.js';
import { cidrOf, createGroups, filters, nameOf, permission } from '../many-groups.js';
import type { Report } from '../report.js';
import { openFolder } from '../support.js';

export const about = 'the EC2 API over HTTP, signed: a control plane on SQLite, a client in another process';

const CONNECTIONS = 64;
const FEW = 10;
const MANY = 10_000;
const LOOK_UPS = 300;
const COMMANDS_BETWEEN = 300;
const ROUNDS = 10;
const COMMANDS_PER_ROUND = 6400;
const LISTINGS = 10;
const PAGE = 1000;
const NO_LIMIT = '1000000000';

/** Each finds one group, however many there are. */
const QUESTIONS: Readonly<Record<string, (n: number, groupId: string) => Parameters>> = {
  id: (_n, groupId) => ({ 'GroupId.1': groupId }),
  name: (n) => ({ 'GroupName.1': nameOf(n) }),
  'group-name': (n) => filters({ 'group-name': nameOf(n) }),
  'ip-permission.cidr': (n) => filters({ 'ip-permission.cidr': cidrOf(n, 0) }),
  'tag:Name': (n) => filters({ 'tag:Name': nameOf(n) }),
  'owner-id and group-name': (n) => filters({ 'owner-id': String(accountId), 'group-name': nameOf(n) }),
};

export async function run(report: Report): Promise<void> {
  await using folder = await openFolder();
  await using installation = await Installation.start(0, {
    RAMPART_LOG: `sqlite:${join(folder.path, 'log.db')}`,
    RAMPART_LIMIT_GROUPS: NO_LIMIT,
    RAMPART_LIMIT_RULES: NO_LIMIT,
  });
  using client = new Ec2Connections(installation.environment, CONNECTIONS);
  const ids: string[] = [];
  await createGroups(client, ids, FEW, CONNECTIONS);
  await lookUps(client, ids); // warms up
  const few = await lookUps(client, ids);
  await createGroups(client, ids, MANY, CONNECTIONS);
  const many = await lookUps(client, ids);
  for (const [what, samples] of many) {
    const { p50: before } = report.add(`api: find by ${what}, ${FEW} groups`, 'ms', few.get(what) ?? []);
    const { p50 } = report.add(`api: find by ${what}, ${MANY} groups`, 'ms', samples);
    report.add(`api: find by ${what}, p50 of ${MANY} groups against ${FEW}`, '×', [p50 / before]);
  }
  await pages(report, client);
  await listings(report, client, ids);
  await authorizeRate(report, client, ids);
}

/** Each kind of question in turn; before each, another group changes. */
async function lookUps(
  client: Ec2Connections,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number[]>> {
  const samples = new Map<string, number[]>();
  for (const [what, question] of Object.entries(QUESTIONS)) {
    const times: number[] = [];
    for (let k = 0; k <= LOOK_UPS; k++) {
      const n = (k * 7919) % ids.length;
      await change(client, ids[(n + 1) % ids.length] ?? '');
      const parameters = question(n, ids[n] ?? '');
      times.push(await timed(() => client.call('DescribeSecurityGroups', parameters)));
    }
    samples.set(what, times.slice(1)); // the first makes the index
  }
  return samples;
}

/** All groups, page by page. */
async function pages(report: Report, client: Ec2Connections): Promise<void> {
  const times: number[] = [];
  let token: string | undefined;
  do {
    const parameters = { MaxResults: String(PAGE), ...(token === undefined ? {} : { NextToken: token }) };
    let answer = '';
    times.push(await timed(async () => (answer = await client.call('DescribeSecurityGroups', parameters))));
    [, token] = /<nextToken>(.+?)</.exec(answer) ?? [];
  } while (token !== undefined);
  report.add(`api: page of ${PAGE} of ${MANY} groups`, 'ms', times);
}

/** All groups in one answer, and commands one by one meanwhile; between two listings, the same alone. */
async function listings(report: Report, client: Ec2Connections, ids: readonly string[]): Promise<void> {
  const [rates, alone, during]: [number[], number[], number[]] = [[], [], []];
  const commandsWhile = async (wanted: () => boolean, times: number[]): Promise<void> => {
    while (wanted()) times.push(await timed(() => change(client, ids[times.length % ids.length] ?? '')));
  };
  for (let n = 1; n <= LISTINGS; n++) {
    await commandsWhile(() => alone.length < n * COMMANDS_BETWEEN, alone);
    let isListing = true;
    const commands = commandsWhile(() => isListing, during);
    rates.push(await list(client));
    isListing = false;
    await commands;
  }
  report.add(`api: listing of ${MANY} groups, commands meanwhile`, 'MB/s', rates);
  const { p99: before } = report.add('api: authorize and revoke, alone', 'ms', alone);
  const { p99 } = report.add('api: authorize and revoke, during a listing', 'ms', during);
  report.add('api: authorize and revoke, p99 during a listing against alone', '×', [p99 / before]);
}

/** In megabytes a second. */
async function list(client: Ec2Connections): Promise<number> {
  const began = performance.now();
  const answer = await client.open('DescribeSecurityGroups');
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
  await once(answer, 'end');
  return bytes / 1000 / (performance.now() - began);
}

/** Each connection sends its next command when the last is answered, which is when it is on disk. */
async function authorizeRate(report: Report, client: Ec2Connections, ids: readonly string[]): Promise<void> {
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const connection = async (k: number): Promise<void> => {
      for (let n = 0; n < COMMANDS_PER_ROUND / CONNECTIONS; n++)
        await client.call('AuthorizeSecurityGroupIngress', {
          GroupId: ids[k] ?? '',
          ...permission(1, 1 + round * 1000 + n, '198.51.100.0/24'),
        });
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, (_, k) => connection(k)));
    rates.push((COMMANDS_PER_ROUND * 1000) / (performance.now() - began));
  }
  report.add(`api: authorize, ${CONNECTIONS} connections`, '1/s', rates);
}

/** A rule comes and goes, so that groups stay as long as they are. */
async function change(client: Ec2Connections, groupId: string): Promise<void> {
  const rule = { GroupId: groupId, ...permission(1, 443, '203.0.113.0/24') };
  await client.call('AuthorizeSecurityGroupIngress', rule);
  await client.call('RevokeSecurityGroupIngress', rule);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

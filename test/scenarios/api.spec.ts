import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Ec2Connections, type Parameters } from '../support/ec2-connections.js';
import { Installation } from '../support/installation.js';

// Long answers, which are sent as they are made. There is enough to fill the buffers on the way to a client.

const GROUPS = 300;
const RULES = 60;
const CLOSING = '</DescribeSecurityGroupsResponse>';

let installation: Installation;
let client: Ec2Connections;

beforeAll(async () => {
  installation = await Installation.start(0);
  client = new Ec2Connections(installation.environment, 8);
  await Promise.all(Array.from({ length: GROUPS }, (_, n) => create(n)));
});
afterAll(async () => {
  client[Symbol.dispose]();
  await installation[Symbol.asyncDispose]();
});

async function create(n: number): Promise<void> {
  await client.call('CreateSecurityGroup', { GroupName: `group ${n}`, GroupDescription: `of ${n % 3}` });
  const rules: Parameters[] = Array.from({ length: RULES }, (_, k) => ({
    [`IpPermissions.${k + 1}.IpProtocol`]: 'tcp',
    [`IpPermissions.${k + 1}.FromPort`]: String(k),
    [`IpPermissions.${k + 1}.ToPort`]: String(k),
    [`IpPermissions.${k + 1}.IpRanges.1.CidrIp`]: '10.0.0.0/8',
  }));
  await client.call(
    'AuthorizeSecurityGroupIngress',
    Object.assign({ GroupName: `group ${n}` }, ...rules) as Parameters,
  );
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  answer.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(answer, 'end');
  return Buffer.concat(chunks).toString();
}

const groupsOf = (answer: string): readonly string[] =>
  answer.match(/<item><ownerId>.+?<\/securityGroupArn><\/item>/g) ?? [];
const namesOf = (answer: string): readonly string[] =>
  groupsOf(answer).map((group) => /<groupName>(.+?)</.exec(group)?.[1] ?? '');

it('sends all of them, the request’s id first', async () => {
  const answer = await textOf(await client.open('DescribeSecurityGroups'));
  expect(answer).toMatch(/^<\?xml [^\n]+\n<DescribeSecurityGroupsResponse xmlns="[^"]+"><requestId>/);
  expect(answer.endsWith(CLOSING)).toBe(true);
  expect(groupsOf(answer)).toHaveLength(GROUPS + 1);
  expect(answer.match(/<fromPort>/g)).toHaveLength(GROUPS * RULES);
});

it('sends the same page by page', async () => {
  const pages: string[] = [];
  let token: string | undefined;
  do {
    const more: Parameters = token === undefined ? {} : { NextToken: token };
    const page = await client.call('DescribeSecurityGroups', { MaxResults: '50', ...more });
    pages.push(...groupsOf(page));
    [, token] = /<nextToken>(.+?)</.exec(page) ?? [];
  } while (token !== undefined);
  expect(pages).toEqual(groupsOf(await client.call('DescribeSecurityGroups')));
});

it.each<[string, Parameters]>([
  [
    'the narrower last',
    {
      'Filter.1.Name': 'owner-id',
      'Filter.1.Value.1': '111122223333',
      'Filter.2.Name': 'group-name',
      'Filter.2.Value.1': 'group 7',
    },
  ],
  [
    'the narrower first',
    {
      'Filter.1.Name': 'group-name',
      'Filter.1.Value.1': 'group 7',
      'Filter.2.Name': 'description',
      'Filter.2.Value.1': 'of 1',
    },
  ],
  [
    'one with a wildcard',
    {
      'Filter.1.Name': 'description',
      'Filter.1.Value.1': 'of 1',
      'Filter.2.Name': 'group-name',
      'Filter.2.Value.1': 'group ?',
    },
  ],
])('finds what satisfies two filters: %s', async (_which, filters) => {
  const found = namesOf(await client.call('DescribeSecurityGroups', filters));
  expect(found).toContain('group 7');
  expect(new Set(found).difference(new Set(['group 1', 'group 4', 'group 7']))).toEqual(new Set());
});

it('says how long a short answer is', async () => {
  const answer = await client.open('DescribeSecurityGroups', { 'GroupName.1': 'default' });
  expect(Number(answer.headers['content-length'])).toBe(Buffer.byteLength(await textOf(answer)));
});

it('goes on with others while a client does not read its answer, which is of what there was', async () => {
  const unread = await client.open('DescribeSecurityGroups');
  await client.call('CreateSecurityGroup', { GroupName: 'late', GroupDescription: 'late' });
  const answer = await textOf(unread);
  expect(answer.endsWith(CLOSING)).toBe(true);
  expect(groupsOf(answer)).toHaveLength(GROUPS + 1);
  expect(namesOf(await client.call('DescribeSecurityGroups'))).toContain('late');
});

it('goes on with others when a client leaves before its answer ends', async () => {
  const left = await client.open('DescribeSecurityGroups');
  left.destroy();
  await once(left, 'close');
  expect(namesOf(await client.call('DescribeSecurityGroups', { 'GroupName.1': 'group 1' }))).toEqual([
    'group 1',
  ]);
});

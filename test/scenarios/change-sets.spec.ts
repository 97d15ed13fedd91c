import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Installation } from '../support/installation.js';
import { sendJson } from '../support/native-api.js';
import { shell, type Outcome } from '../support/shell.js';

// A deployment's change of several groups, typed and in files, against processes as they run everywhere.

let installation: Installation;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rampart-change-sets-'));
  installation = await Installation.start(2);
  for (const line of [
    'ec2addgrp web -d web',
    'ec2addgrp db -d db',
    'ec2auth web -p 80',
    'ec2run ami-1 -g web --host host-1 --wait',
    'ec2run ami-1 -g db --host host-2 --wait',
  ])
    await typed(line);
});
afterAll(async () => {
  await installation[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const sh = (line: string): Promise<Outcome> => shell(`cd ${folder}; ${line}`, installation.environment);
async function typed(line: string): Promise<string> {
  const outcome = await sh(line);
  expect({ line, ...outcome }).toMatchObject({ status: 0, err: '' });
  return outcome.out;
}
const save = (name: string, content: unknown): void =>
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
const rulesOf = async (group: string): Promise<number> => {
  const { rules } = JSON.parse(await typed(`rampart rules ${group} --json`)) as { rules: object[] };
  return rules.length;
};
const position = async (): Promise<number> => {
  const { changes } = JSON.parse(await typed('rampart changes --limit 1 --json')) as {
    changes: [{ position: number }];
  };
  return changes[0].position;
};

const https = {
  type: 'AuthorizeRules',
  group: 'web',
  rules: [{ protocol: 'tcp', from: 443, cidr: '0.0.0.0/0' }],
};
const noHttp = {
  type: 'RevokeRules',
  group: 'web',
  rules: [{ protocol: 'tcp', from: 80, cidr: '0.0.0.0/0' }],
};
const database = {
  type: 'AuthorizeRules',
  group: 'db',
  rules: [{ protocol: 'tcp', from: 5432, group: 'web' }],
};
const cache = { type: 'CreateGroup', name: 'cache', description: 'not worn yet' };

describe('rampart apply', () => {
  it('shows what would open and close, and changes nothing', async () => {
    save('rollout.json', { changes: [https, noHttp, database, cache] });
    const before = await position();
    const table = await typed('rampart apply rollout.json --dry-run');
    expect(table.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['would create group cache'],
      ['would authorize 1 rule of web'],
      ['would revoke 1 rule of web'],
      ['would authorize 1 rule of db'],
      ['would authorize 2 rules of cache'],
      ['', 'DIRECTION', 'PROTOCOL', 'PORTS', 'PEER', 'INSTANCES', 'GROUPS', 'EXCEPT'],
      ['closes', 'ingress', 'tcp', '80', 'from 0.0.0.0/0', expect.stringMatching(/^i-[0-9a-f]{17}$/), 'web'],
      ['opens', 'ingress', 'tcp', '443', 'from 0.0.0.0/0', expect.stringMatching(/^i-[0-9a-f]{17}$/), 'web'],
      [
        'opens',
        'ingress',
        'tcp',
        '5432',
        'from web (10.0.1.4, fd00:0:0:1::4)',
        expect.stringMatching(/^i-/),
        'db',
      ],
      ['no instance wears cache'],
      [''],
    ]);
    const json = JSON.parse(await typed('rampart apply rollout.json --dry-run --json')) as object;
    expect(json).toMatchObject({
      dryRun: true,
      effect: {
        peers: [{ name: 'web', addresses: ['10.0.1.4', 'fd00:0:0:1::4'] }],
        withoutInstances: [{ name: 'cache' }],
      },
    });
    expect(await position()).toBe(before);
    expect(await typed('rampart groups --json')).not.toContain('cache');
  });

  it('applies all of it as one change, and waits for every host concerned', async () => {
    const out = await typed('rampart apply - --wait 10 <rollout.json');
    expect(out).toMatch(
      /^APPLIED\t[0-9]+\t4 rules authorized, 1 rule revoked, 1 group created\nENFORCED\t2\/2\t[0-9.]+ms\n$/,
    );
    const { changes } = JSON.parse(await typed('rampart changes --limit 1 --json')) as { changes: [object] };
    expect(changes[0]).toMatchObject({ concerned: 2, enforced: 2 });
    expect([await rulesOf('web'), await rulesOf('db'), await rulesOf('cache')]).toEqual([3, 3, 2]);
  });

  it('changes nothing when one change is refused, and names it', async () => {
    const more = { ...https, rules: [{ protocol: 'udp', from: 443, cidr: '0.0.0.0/0' }] };
    save('refused.json', [more, https]);
    const { status, err } = await sh('rampart apply refused.json');
    expect(status).toBe(1);
    expect(err).toMatch(
      /^Client\.RuleDuplicate: changes\.1: the specified rule .* already exists; it is sgr-/,
    );
    expect(await rulesOf('web')).toBe(3);
  });

  it('is refused when somebody was faster', async () => {
    const seen = await position();
    await typed('ec2auth db -p 22');
    save('late.json', [{ ...database, rules: [{ protocol: 'tcp', from: 6379, group: 'web' }] }]);
    const { status, err } = await sh(`rampart apply late.json --expect ${seen}`);
    expect({ status, err }).toEqual({
      status: 1,
      err: expect.stringMatching(
        /^Client\.ChangedSince: changes\.0: .*'db' was changed at \d+, after \d+\n$/,
      ) as string,
    });
    expect(await typed(`rampart apply late.json --expect ${await position()}`)).toMatch(/^APPLIED\t/);
  });

  it.each<[string, unknown, string]>([
    ['is no JSON', '{"changes": [\n  {"type": x}]}', "line 2, column 12: Unexpected token 'x'"],
    ['was cut off', '[{"type": "DeleteGroup",\n', 'line 2, column 1: '],
    ['has no changes', { change: [] }, 'no list of changes: write {"changes"'],
    ['says what means nothing', { changes: [], expect: 4 }, "'expect' means nothing here"],
    ['holds none', [], 'changes with 0 entries: give 1 to 1000'],
    [
      'has a malformed block',
      [https, { ...https, rules: [{ protocol: 'tcp', cidr: '10.0.0/8' }] }],
      "changes.1.rules.0.cidr '10.0.0/8': use a block such as",
    ],
    [
      'launches',
      [{ type: 'LaunchInstances' }],
      "changes.0.type 'LaunchInstances': use CreateGroup, DeleteGroup, ",
    ],
    [
      'writes a port otherwise',
      [{ ...https, rules: [{ protocol: 'tcp', form: 443, cidr: '0.0.0.0/0' }] }],
      'changes.0.rules.0.form is not understood: use protocol, from, to, ',
    ],
    [
      'has a slip beside its rules',
      [{ ...https, dir: 'egress' }],
      'changes.0.dir is not understood: use type, group, direction, ',
    ],
    ['lacks something', [{ type: 'CreateGroup', name: 'x' }], 'changes.0.description is missing: use text'],
    ['is in itself', [{ type: 'ApplyChangeSet', changes: [https] }], "changes.0.type 'ApplyChangeSet': use "],
  ])('says where a file that %s is wrong', async (_how, content, complaint) => {
    save('wrong.json', content);
    const { status, out, err } = await sh('rampart apply wrong.json');
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toContain(complaint);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  });
});

it('a change set that only looks is one only when it says so in the words of the API', async () => {
  const before = await position();
  const slip = { changes: [database], dryrun: true };
  expect(await sendJson(installation.environment, '/v1/change-sets', slip)).toMatchObject({
    status: 400,
    body: {
      code: 'ChangeSetMalformed',
      detail: 'dryrun is not understood: use changes, expected, wait, dryRun',
    },
  });
  for (const [path, asked] of [
    ['/v1/reversions', { position: before }],
    ['/v1/restorations', { group: 'web', at: '1' }],
  ] as const)
    expect(await sendJson(installation.environment, path, { ...asked, dryrun: true })).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^dryrun is not understood: use .*, dryRun, wait$/) as string },
    });
  expect(await position()).toBe(before);
});

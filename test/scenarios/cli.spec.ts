import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../apps/cli/src/rampart/command-table.js';
import { VERB_NAMES, verbNamed } from '../../apps/cli/src/verb-table.js';
import { Ec2Client } from '../support/ec2-client.js';
import { Installation } from '../support/installation.js';
import { shell, type Outcome } from '../support/shell.js';

// What people type, against a control plane and agents as they run everywhere; only the kernel is left out.

let installation: Installation;
const sh = (line: string): Promise<Outcome> => shell(line, installation.environment);

/** What a line prints; it must succeed, and complain about nothing. */
async function typed(line: string): Promise<string> {
  const outcome = await sh(line);
  expect({ line, ...outcome }).toMatchObject({ status: 0, err: '' });
  return outcome.out;
}

beforeAll(async () => {
  installation = await Installation.start(2);
});
afterAll(async () => installation[Symbol.asyncDispose]());

const egress = (name: string): string =>
  ['0.0.0.0/0', '::/0']
    .map((cidr) => `PERMISSION\t111122223333\t${name}\tALLOWS\tall\t\t\tTO\tCIDR\t${cidr}\tegress\n`)
    .join('');

describe('the life of groups', () => {
  let web: string;
  let db: string;

  it('begins with an id and a name', async () => {
    const line = await typed("ec2-create-group 'Web servers' -d 'They serve & answer'");
    expect(line).toMatch(/^GROUP\tsg-[0-9a-f]{17}\tWeb servers\tThey serve & answer\n$/);
    web = line.split('\t')[1] ?? '';
    db = (await typed("ec2addgrp db -d Databases | awk '{ print $2 }'")).trim();
    expect(db).toMatch(/^sg-[0-9a-f]{17}$/);
  });

  it('goes on with permissions, by name and by id', async () => {
    expect(await typed(`ec2-authorize ${web} -p 80 -p 443`)).toBe(
      [
        `GROUP\t${web}\t\t\t\t`,
        'PERMISSION\t\t\tALLOWS\ttcp\t80\t80\tFROM\tCIDR\t0.0.0.0/0\tingress',
        'PERMISSION\t\t\tALLOWS\ttcp\t443\t443\tFROM\tCIDR\t0.0.0.0/0\tingress',
        '',
      ].join('\n'),
    );
    await typed('ec2auth "Web servers" -P icmp -t -1:-1 -s 192.0.2.0/24 -s 2001:db8::/32');
    await typed('ec2auth db -p 5432-5433 -o "Web servers"');
    await typed(`ec2auth db -P udp -p 53 -o ${web} -u 111122223333`);
  });

  it('can be looked at, with the columns of the classic tools', async () => {
    const permission = (rest: string): string => `PERMISSION\t111122223333\tdb\tALLOWS\t${rest}\n`;
    const peer = `USER\t111122223333\tNAME Web servers\tID ${web}`;
    expect(await typed('ec2-describe-group db --headers')).toBe(
      'GROUP\tId\tOwner\tName\tDescription\tVpcID\n' +
        `GROUP\t${db}\t111122223333\tdb\tDatabases\t\n` +
        permission(`tcp\t5432\t5433\tFROM\t${peer}\tingress`) +
        permission(`udp\t53\t53\tFROM\t${peer}\tingress`) +
        egress('db'),
    );
  });

  it('can be looked at by scripts that know only positions', async () => {
    expect(await typed("ec2-describe-group db | awk -F'\\t' '/^GROUP/ { print $2, $4 }'")).toBe(`${db} db\n`);
    expect(
      await typed("ec2dgrp 'Web servers' | sed 's/Web servers/web/' | awk '/tcp/ { print $5, $6, $7, $10 }'"),
    ).toBe('tcp 80 80 0.0.0.0/0\ntcp 443 443 0.0.0.0/0\n');
  });

  it('can be looked at many at once, through filters and through pipes', async () => {
    const ids = "awk -F'\\t' '/^GROUP/ { print $2 }'";
    expect(await typed(`ec2dgrp ${db} 'Web servers' | ${ids} | sort`)).toBe(
      [db, web].sort().join('\n') + '\n',
    );
    expect(await typed(`ec2dgrp -F 'group-name=We*' -F group-name=db -F description=Data* | ${ids}`)).toBe(
      `${db}\n`,
    );
    expect(await typed(`echo 'Web servers' | ec2dgrp - | ${ids} | ec2dgrp - | ${ids}`)).toBe(`${web}\n`);
  });

  it('loses permissions', async () => {
    expect(await typed('ec2-revoke db -p 5432-5433 -o "Web servers"')).toBe(
      'GROUP\t\t\tdb\t\t\n' +
        'PERMISSION\t\tdb\tALLOWS\ttcp\t5432\t5433\tFROM\tUSER\t\tNAME Web servers\t\tingress\n',
    );
    expect((await sh('ec2-revoke db -p 5432-5433 -o "Web servers"')).err).toMatch(
      /no such permission|InvalidPermission.NotFound/,
    );
    expect(await typed('ec2dgrp db')).not.toContain('5432');
  });

  it.each([
    ['ec2addgrp db -d again', /^Client\.InvalidGroup\.Duplicate: The security group 'db' already exists/],
    ['ec2dgrp nowhere', /^Client\.InvalidGroup\.NotFound: The security group 'nowhere' does not exist/],
    ['ec2auth db -p 22 -s 192.0.2.300/32', /^Client\.InvalidParameterValue: .*192\.0\.2\.300\/32/],
    ['ec2auth db -P udp -p 53 -o "Web servers"', /^Client\.InvalidPermission\.Duplicate: .* already exists/],
    ['ec2delgrp "Web servers"', /^Client\.DependencyViolation: /],
    ['ec2delgrp default', /^Client\.CannotDelete: .*default/],
    ['ec2delgrp db -D', /^Client\.DryRunOperation: Request would have succeeded/],
    ['ec2dgrp -W wrong-secret', /^Client\.SignatureDoesNotMatch: /],
    ['ec2dgrp -T token', /^Client\.InvalidClientTokenId: /],
    ['ec2dgrp -F nonsense=1', /^Client\.InvalidParameterValue: The filter 'nonsense' is invalid/],
  ])('is protected: %s', async (line, complaint) => {
    const { status, out, err } = await sh(line);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(complaint);
  });

  it('shows prefix lists that others put there', async () => {
    const ec2 = new Ec2Client(installation.environment);
    const made = await ec2.ask('CreateManagedPrefixList', {
      PrefixListName: 'offices',
      AddressFamily: 'IPv4',
      MaxEntries: '1',
    });
    const [, list = ''] = /<prefixListId>(.+?)</.exec(made.text) ?? [];
    const permission = { 'IpPermissions.1.IpProtocol': 'tcp', 'IpPermissions.1.FromPort': '22' };
    const peer = { 'IpPermissions.1.ToPort': '22', 'IpPermissions.1.PrefixListIds.1.PrefixListId': list };
    const rule = { GroupId: web, ...permission, ...peer };
    await ec2.ask('AuthorizeSecurityGroupIngress', rule);
    expect(await typed(`ec2dgrp ${web}`)).toContain(`\ttcp\t22\t22\tFROM\tPREFIXLIST\t${list}\tingress\n`);
    await ec2.ask('RevokeSecurityGroupIngress', rule);
  });

  it('ends, by name and by id', async () => {
    expect(await typed('ec2-delete-group db')).toBe('RETURN\ttrue\n');
    expect(await typed(`ec2-delete-group ${web}`)).toBe('RETURN\ttrue\n');
    expect(await typed("ec2dgrp | awk -F'\\t' '/^GROUP/ { print $4 }'")).toBe('default\n');
  });
});

describe('the life of instances', () => {
  let ids: readonly string[];

  it('begins in groups and on hosts, enforced when --wait says so', async () => {
    await typed('ec2addgrp app -d app');
    const printed = await typed('ec2-run-instances ami-12345678 -n 2 -g app -g default --wait');
    const lines = printed.split('\n').map((line) => line.split('\t'));
    expect(lines.map(([type]) => type)).toEqual([
      'RESERVATION',
      'INSTANCE',
      'GROUP',
      'GROUP',
      'INSTANCE',
      'GROUP',
      'GROUP',
      'ENFORCED',
      '',
    ]);
    expect(lines[0]?.[3]).toBe('app,default');
    expect(lines.at(-2)?.[1]).toBe('2/2');
    ids = lines.filter(([type]) => type === 'INSTANCE').map(([, id = '']) => id);
  });

  it('can be placed by hand', async () => {
    const line = await typed(
      "ec2run ami-12345678 -g app -t m1.large -k gsg --host host-2 --private-ip-address 10.0.2.77 | grep '^INSTANCE'",
    );
    const fields = line.trimEnd().split('\t');
    expect(fields).toHaveLength(32 - 1); // the last field, the profile, is empty
    expect(fields.slice(2, 10)).toEqual([
      'ami-12345678',
      '',
      'ip-10-0-2-77.ec2.internal',
      'running',
      'gsg',
      '0',
      '',
      'm1.large',
    ]);
    expect(fields[10]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/);
    expect(fields[17]).toBe('10.0.2.77');
    ids = [...ids, fields[1] ?? ''];
  });

  it('can be looked at', async () => {
    const describedIds = "awk -F'\\t' '/^INSTANCE/ { print $2 }'";
    expect((await typed(`ec2din | ${describedIds}`)).split('\n').sort()).toEqual(['', ...ids].sort());
    expect(await typed(`ec2din ${ids[2]} | ${describedIds}`)).toBe(`${ids[2]}\n`);
    expect(await typed(`ec2din -F private-ip-address=10.0.2.77 | ${describedIds}`)).toBe(`${ids[2]}\n`);
    expect(await typed(`ec2din --headers --show-empty-fields ${ids[2]}`)).toMatch(
      /^RESERVATION\tReservationID\tOwner\tGroups\nINSTANCE\tInstanceId\t.*\nRES.*\nINSTANCE\ti-\w+\tami-12345678\t\(nil\)\t/,
    );
  });

  it.each([
    ['ec2din i-11111111', /^Client\.InvalidInstanceID\.NotFound: .*i-11111111/],
    ['ec2kill web', /^Client\.InvalidInstanceID\.Malformed: /],
    ['ec2run ami-12345678 -g nowhere', /^Client\.InvalidGroup\.NotFound: .*nowhere/],
    ['ec2run ami-12345678 --host nowhere', /^Client\.[\w.]+: .*nowhere/],
    ['ec2delgrp app', /^Client\.DependencyViolation: /],
  ])('is protected: %s', async (line, complaint) => {
    const { status, out, err } = await sh(line);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(complaint);
  });

  it('ends, many at once, and frees its groups', async () => {
    const lines = ids.map((id) => `INSTANCE\t${id}\trunning\tshutting-down\n`);
    expect(await typed(`ec2-terminate-instances ${ids[0]} ${ids[1]}`)).toBe(lines.slice(0, 2).join(''));
    expect(await typed(`echo ${ids[2]} | ec2kill - --wait`)).toMatch(
      new RegExp(`^${lines[2]}ENFORCED\t1/1\t[0-9.]+ms\n$`),
    );
    expect(await typed(`ec2kill ${ids[0]}`)).toBe(`INSTANCE\t${ids[0]}\tterminated\tterminated\n`);
    expect(await typed('ec2delgrp app')).toBe('RETURN\ttrue\n');
  });
});

describe('--wait', () => {
  const lines = [
    'ec2-create-group queue -d Queues',
    'ec2-authorize queue -p 5672',
    "ec2-create-tags $(ec2dgrp queue | awk '/^GROUP/ { print $2 }') -t stage=test",
    "ec2-delete-tags $(ec2dgrp queue | awk '/^GROUP/ { print $2 }') -t stage",
    'ec2-run-instances ami-12345678 -g queue --host host-1',
    'ec2-revoke queue -p 5672',
    "ec2-terminate-instances $(ec2din -F group-name=queue | awk '/^INSTANCE/ { print $2 }')",
    'ec2-delete-group queue',
  ];

  it.each(lines)('tells where it is enforced: %s', async (line) => {
    expect(await typed(`${line} --wait`)).toMatch(/\nENFORCED\t(?:0\/0|1\/1)\t[0-9.]+ms\n$/);
  });

  it('is on whatever changes something, and on nothing else', async () => {
    const changing: string[] = [];
    for (const [name = ''] of VERB_NAMES) {
      const isWaited = (await typed(`${name} --help`)).includes('--wait');
      if (isWaited) changing.push(name);
    }
    for (const name of Object.keys(COMMANDS))
      if ((await typed(`rampart ${name} --help`)).includes('--wait')) changing.push(name);
    const own = ['retire', 'apply', 'revert', 'restore'];
    expect(new Set(changing)).toEqual(new Set([...lines.map((line) => line.split(' ', 1)[0]), ...own]));
  });

  it('names who has it not in time, with what is known of each', async () => {
    const [agent] = installation.agents;
    const wait = async (seconds: string): Promise<Outcome> =>
      sh(`ec2-run-instances ami-12345678 --host host-1 --wait ${seconds}`);
    agent?.signal('SIGSTOP');
    try {
      expect(await wait('0.2')).toMatchObject({
        status: 1,
        out: expect.stringMatching(/\nENFORCED\t0\/1\t0ms\n$/) as string,
        err: expect.stringMatching(/not enforced everywhere within 0.2 s.*: host-1 pending\n$/) as string,
      });
      expect((await wait('1.5')).err).toMatch(/: host-1 lagging\n$/);
      expect((await sh('ec2addgrp x -d x --wait 61')).err).toContain("--wait '61' is too long: 60 s");
    } finally {
      agent?.signal('SIGCONT');
    }
    await typed("ec2kill $(ec2din | awk '/^INSTANCE/ { print $2 }') --wait");
  });
});

describe('the tables of rampart', () => {
  beforeAll(async () => {
    await typed("ec2addgrp blue -d 'Blue ones'");
    await typed('ec2auth blue -p 80');
    await typed('ec2run ami-12345678 -g blue --host host-1 --private-ip-address 10.0.1.99');
  });
  afterAll(async () => {
    await typed("ec2kill $(ec2din -F private-ip-address=10.0.1.99 | awk '/^INSTANCE/ { print $2 }')");
    await typed('ec2delgrp blue');
  });

  it('groups', async () => {
    expect(await typed('rampart groups blue')).toMatch(
      /^GROUP {2}ID +INGRESS {2}EGRESS {2}DESCRIPTION\nblue {3}sg-[0-9a-f]{17} {2}1 +2 +Blue ones\n$/,
    );
    expect(JSON.parse(await typed("rampart groups -F 'group-name=b*' --json"))).toMatchObject({
      groups: [{ name: 'blue', description: 'Blue ones', ownerId: '111122223333', ingress: 1, egress: 2 }],
    });
    expect(await typed('rampart groups -F group-name=red')).toBe('no such group\n');
  });

  it('instances', async () => {
    expect(await typed('rampart instances -F private-ip-address=10.0.1.99')).toMatch(
      /\ni-[0-9a-f]{17} {2}running {2}10\.0\.1\.99 {2}host-1 {2}blue +\d{4}-/,
    );
    expect(JSON.parse(await typed('rampart instances --json -F private-ip-address=10.0.1.99'))).toMatchObject(
      {
        instances: [{ state: 'running', hostId: 'host-1', groups: [{ name: 'blue' }] }],
      },
    );
  });

  it('hosts', async () => {
    expect(await typed('rampart hosts | sort')).toMatch(
      /^HOST {4}STATE .*\nhost-1 {2}\w+ +1 +10\.0\.1\.0\/24,fd00:0:0:1::\/64 .*\nhost-2 /,
    );
    const { hosts } = JSON.parse(await typed('rampart hosts --json')) as { hosts: { hostId: string }[] };
    expect(hosts.map(({ hostId }) => hostId).sort()).toEqual(['host-1', 'host-2']);
  });

  it.each([
    'groups nowhere',
    'instances i-11111111',
    'hosts -W wrong-secret',
    'groups --jsn',
    'hosts x',
    'verify host-9',
    'retire host-9',
    'retire',
    'changes x',
    'changes 999999',
  ])('%s: fails, and says why', async (args) => {
    const { status, out, err } = await sh(`rampart ${args}`);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/^(Client\.\w+|rampart)/);
  });
});

describe('rampart lab', () => {
  it.each([
    [
      'lab frob',
      "rampart lab: unknown command 'frob'; there are up, status, exec, try, kill, restart, down, help\n",
    ],
    ['lab try internet apache-1', '(for example: rampart lab try internet apache-1 tcp/80)'],
  ])('%s: says what is right', async (args, complaint) => {
    const { status, out, err } = await sh(`rampart ${args}`);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toContain(complaint);
  });
});

describe('the examples of --help, as pasted', async () => {
  beforeAll(async () => {
    await typed("ec2addgrp Apache -d 'Web servers'");
    await typed("ec2addgrp MySQL -d 'Database servers'");
    await typed(
      'ec2addgrp client -d client && ec2run ami-1 -g client --host host-1 --private-ip-address 10.0.1.4',
    );
  });

  const verbs = VERB_NAMES.map(([name = '']) => [name, verbNamed(name)] as const);
  const commands = Object.entries(COMMANDS).map(([name, load]) => [`rampart ${name}`, load] as const);
  for (const [name, load] of [...verbs, ...commands])
    it.for((await load?.())?.examples ?? [])(`${name} %s`, async ([example]) => {
      const asked = example.replace('--at 1m', '--at 0s'); // a minute ago, there was no instance here
      const { status, err } = await sh(`${name} ${asked}`);
      expect({ status, err }).toEqual({ status: 0, err: '' });
    });
});

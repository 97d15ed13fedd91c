import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Installation } from '../support/installation.js';
import { askNative } from '../support/native-api.js';
import { bin, shell } from '../support/shell.js';

// What people ask of the past, on a log in a file, with a control plane that is ended and started again.

const STRANGER = {
  accountId: '444455556666',
  accessKeyId: 'AKIDSTRANGER1234',
  secretAccessKey: 'another secret of letters',
};
const stranger = {
  AWS_ACCESS_KEY_ID: STRANGER.accessKeyId,
  AWS_SECRET_ACCESS_KEY: STRANGER.secretAccessKey,
};
const log = join(mkdtempSync(join(tmpdir(), 'rampart-past-')), 'log.db');

let installation: Installation;
beforeAll(async () => {
  installation = await Installation.start(1, { RAMPART_LOG: `sqlite:${log}` }, [STRANGER]);
});
afterAll(() => installation[Symbol.asyncDispose]());

async function typed(line: string, own: Readonly<Record<string, string>> = {}): Promise<string> {
  const outcome = await shell(line, { ...installation.environment, ...own });
  expect({ line, ...outcome }).toMatchObject({ status: 0, err: '' });
  return outcome.out;
}
const complaint = async (line: string): Promise<string> => (await shell(line, installation.environment)).err;
const position = async (): Promise<number> =>
  ((await askNative(installation.environment, '/v1/health')).body as { position: number }).position;

describe('the past', () => {
  const moments: Record<string, number> = {};
  const asItWas: Record<string, string> = {};

  it('is listed as it was', async () => {
    await typed('ec2-create-group web -d web && ec2-create-group db -d db');
    const note = async (name: string): Promise<void> => {
      moments[name] = await position();
      for (const line of [
        'ec2-describe-group',
        'ec2-describe-instances',
        'rampart groups',
        'rampart rules --json',
      ])
        asItWas[`${line} --at ${moments[name]}`] = await typed(line);
    };
    await note('empty');
    await typed('ec2-authorize db -p 3306 -o web --wait');
    await typed('ec2-run-instances ami-12345678 -g web --wait');
    await note('full');
    await typed('ec2-revoke db -p 3306 -o web');
    await typed(
      'ec2-terminate-instances $(rampart instances --json | sed -n \'s/.*"instanceId": "\\(.*\\)".*/\\1/p\')',
    );
    await typed('ec2-delete-group db');
    for (const [line, was] of Object.entries(asItWas))
      expect({ line, is: await typed(line) }).toEqual({ line, is: was });
    expect(await typed(`rampart hosts --at ${moments['full']}`)).toMatch(
      /host-1 +not recorded +1 .* not recorded\n$/,
    );
    expect(await typed('ec2-describe-group')).not.toContain('3306');
  });

  it('refuses moments that are none, and changes of it', async () => {
    expect(await complaint('rampart groups --at soon')).toContain("x-rampart-at 'soon' is no moment: use");
    expect(await complaint('rampart hosts --at 999999')).toContain('yet to come');
    expect(await complaint('rampart groups --at 9999-12-31')).toContain(
      "x-rampart-at '9999-12-31' is yet to come",
    );
    expect(await complaint('rampart groups --at 0')).toContain('was not open at that moment');
    expect(await complaint('ec2-authorize web -p 1 --at 5')).toContain('--at');
  });

  it('tells who changed what, and on how many hosts it is enforced', async () => {
    const lines = (await typed('rampart audit --action RuleAuthorized --group web --limit 1')).split('\n');
    expect(lines[0]).toMatch(/^POSITION +TIME +ACTION +WHAT +ACCOUNT +WHO +FROM +ENFORCED +REQUEST$/);
    expect(lines[1]).toMatch(
      /RuleAuthorized .* tcp 3306 from web +111122223333 +AKIDEXAMPLE12345 .*[0-9]\/[0-9] +[0-9a-f-]{36}$/,
    );
    const events = (await typed('rampart audit --json --oldest --limit 5000')).trim().split('\n');
    const all = events.map((text) => JSON.parse(text) as { position: number; action: string });
    expect(all.map((event) => event.position)).toEqual(all.map((_, index) => index + 1));
    expect(await typed(`rampart audit --since ${moments['full']} --action InstanceTerminated`)).toContain(
      'host-1',
    );
    expect(await typed('rampart audit --key AKIDSTRANGER1234')).toBe('nothing of that kind happened\n');
  });

  it.each([
    ['action=RuleRevokd', "action 'RuleRevokd': use AccountOpened, GroupCreated, "],
    ['actoin=RuleRevoked', 'actoin is not understood: use account, group, '],
    ['group=web', "group 'web': use an id such as sg-1a2b3c4d"],
    ['rule=x', "rule 'x': use an id such as sgr-"],
    ['instance=x', "instance 'x': use an id such as i-"],
    ['prefixList=x', "prefixList 'x': use an id such as pl-"],
    ['host=no_host', "host 'no_host': use the name of a host"],
    ['address=10.0.0', "address '10.0.0': use an IP address"],
    ['account=1', "account '1': use 12 digits"],
    ['limit=0', "limit '0': use 1 to 1000"],
    ['since=bogus', "since 'bogus' is no moment: use a position"],
    ['until=2d&since=1d', "since '1d' is after until '2d'"],
    ['until=9999-12-31', "until '9999-12-31' is yet to come"],
  ])('says what of %s is not understood', async (query, detail) => {
    const answer = await askNative(installation.environment, `/v1/events?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'InvalidParameter' } });
    expect((answer.body as { detail: string }).detail).toContain(detail);
  });

  it('tells of ICMP by type and code', async () => {
    for (const [given, text] of [
      ['8:-1', 'icmp type 8'],
      ['3:4', 'icmp type 3 code 4'],
      ['-1:-1', 'icmp'],
    ] as const) {
      await typed(`ec2-authorize web -P icmp -t ${given}`);
      expect(await typed('rampart audit --action RuleAuthorized --limit 1')).toContain(
        `web: ${text} from 0.0.0.0/0 `,
      );
    }
  });

  it('tells apart what was refused', async () => {
    expect(await complaint('ec2-authorize nowhere -p 1')).toContain('nowhere');
    expect(await typed('rampart refusals --limit 1')).toMatch(
      /AuthorizeSecurityGroupIngress +AKIDEXAMPLE12345 +127\.0\.0\.1 +InvalidGroup.NotFound +[0-9a-f-]{36} +.*nowhere/,
    );
  });

  it('shows each account its own', async () => {
    expect(await typed('rampart audit --limit 1000 --json', stranger)).not.toContain('111122223333');
    const own = await askNative(
      { ...installation.environment, ...stranger },
      '/v1/events?account=111122223333',
    );
    expect(own).toMatchObject({ status: 403, body: { code: 'UnauthorizedOperation' } });
  });

  it('follows what happens over a restart of the control plane', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const following = spawn(join(bin, 'rampart'), ['audit', '-f', '--action', 'GroupCreated', '--json'], {
      env: { ...process.env, ...installation.environment },
    });
    onTestFinished(() => void following.kill());
    const printed: string[] = [];
    let err = '';
    following.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    following.stdout.on('data', (chunk: Buffer) => {
      printed.push(chunk.toString());
      if (printed.join('').includes('followed-2')) resolve();
    });
    // It follows from the moment at which it has begun to, which only what it prints can tell.
    for (let n = 0; printed.length === 0; n++) await typed(`ec2-create-group followed-1-${n} -d d`);
    const waits = once(following.stderr, 'data');
    await installation.controlPlane.end();
    await waits;
    await installation.controlPlane.start();
    await typed('ec2-create-group followed-2 -d d');
    await promise;
    const lines = printed.join('').trim().split('\n');
    expect(new Set(lines)).toHaveProperty('size', lines.length);
    expect(err).toMatch(/^rampart: no answer from .*; waiting until it is back\n$/);
  });

  it.each(['audit', 'audit -f', 'changes', 'refusals'])('asks %s for no less than one', async (command) => {
    for (const limit of ['0', '-3', 'x', '1234567890'])
      expect(await complaint(`rampart ${command} --limit ${limit}`)).toMatch(
        new RegExp(`--limit '${limit}' is not understood: give a number from 1 to [0-9]+`),
      );
  });

  it('waits for what is to come', async () => {
    const waiting = askNative(
      installation.environment,
      `/v1/events?order=oldest&after=${await position()}&wait=30&action=GroupCreated`,
    );
    await typed('ec2-authorize web -p 8080 && ec2-create-group later -d later');
    expect(await waiting).toMatchObject({
      status: 200,
      body: { events: [{ action: 'GroupCreated', details: { name: 'later' } }] },
    });
  });

  it('is the same after a start from a snapshot, and after one without', async () => {
    const seen = async (): Promise<unknown> => [
      await Promise.all(Object.keys(asItWas).map((line) => typed(line))),
      await typed('ec2-describe-group'),
      await typed('rampart audit --limit 1000 --json --oldest'),
      await typed('rampart verify host-1'),
    ];
    const before = await seen();
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const patient = askNative(
        installation.environment,
        '/v1/events?order=oldest&after=999999&wait=60',
      ).catch(() => undefined);
      await installation.controlPlane.end(signal);
      await patient; // ends with it, and does not keep it
      expect(statSync(`${log}.history`).mode & 0o777).toBe(0o600);
      await installation.controlPlane.start();
      expect(await seen()).toEqual(before);
    }
    await typed('ec2-authorize web -p 9090 --wait');
    await typed('ec2-revoke web -p 9090 --wait');
    await installation.controlPlane.end();
    writeFileSync(`${log}.history`, 'damaged');
    await installation.controlPlane.start();
    expect(await typed('ec2-authorize web -p 9091 --wait')).toContain('ENFORCED\t0/0');
  });
});

describe('what was done', () => {
  it('is undone, group by group, after a look at what that would open', async () => {
    await typed('ec2-create-group shop -d shop && ec2-run-instances ami-12345678 -g shop --wait');
    await typed(
      "ec2-authorize shop -p 443 --wait && ec2-create-tags $(ec2-describe-group shop | awk '/^GROUP/ { print $2 }') -t tier=web",
    );
    const before = await position();
    await typed('ec2-revoke shop -p 443 --wait');
    const [event] = (await typed('rampart audit --action RuleRevoked --limit 1 --json')).split('\n');
    const { position: revoked, requestId } = JSON.parse(event ?? '') as {
      position: number;
      requestId: string;
    };
    expect(await typed(`rampart revert ${revoked} --dry-run`)).toMatch(
      /opens +ingress +tcp +443 +from 0\.0\.0\.0\/0/,
    );
    expect(await typed('ec2-describe-group shop')).not.toContain('443');
    expect(await typed(`rampart revert ${requestId} --wait`)).toMatch(
      /^APPLIED\t[0-9]+\t1 rule authorized\nENFORCED\t1\/1/,
    );
    expect(await typed('ec2-describe-group shop')).toContain('443');
    expect(await complaint(`rampart revert ${revoked}`)).toContain('all of it is as it was already');
    await typed('ec2-authorize shop -p 1-1000 && ec2-revoke shop -p 443');
    const group = /sg-[0-9a-f]+/.exec(await typed('ec2-describe-group shop'))?.[0] ?? '';
    await typed(`ec2-delete-tags ${group} -t tier && ec2-create-tags ${group} -t colour=red`);
    expect(await typed(`rampart restore shop --at ${before} --dry-run`)).toMatch(
      new RegExp(
        `^would remove tag colour from ${group}\nwould set tag tier=web on ${group}\n` +
          'would revoke 1 rule of shop\nwould authorize 1 rule of shop\n[^]*closes +ingress +tcp +1-1000',
      ),
    );
    await typed(`rampart restore shop --at ${before} --wait`);
    const rules = async (at = ''): Promise<string> =>
      (await typed(`rampart rules shop ${at}`)).replaceAll(/sgr-[0-9a-f]+/g, '');
    expect(await rules()).toBe(await rules(`--at ${before}`));
  });

  it('brings a group back that is gone, and says why not where it can not', async () => {
    await typed(
      'ec2-create-group gone -d gone && ec2-authorize gone -p 25 && ec2-revoke gone -P all -s 0.0.0.0/0 --egress',
    );
    const before = await position();
    await typed('ec2-delete-group gone');
    expect(await typed(`rampart restore gone --at ${before} --dry-run`)).toMatch(
      /^would create group gone\n[^]*would authorize [0-9] rules of gone\n[^]*no instance is affected\n/,
    );
    await typed(`rampart restore gone --at ${before}`);
    const rules = async (at = ''): Promise<string> =>
      (await typed(`rampart rules gone ${at}`))
        .replaceAll(/sgr-[0-9a-f]+/g, '')
        .split('\n')
        .sort()
        .join('\n');
    expect(await rules()).toBe(await rules(`--at ${before}`));
    const launched = JSON.parse(await typed('rampart audit --action InstanceLaunched --limit 1 --json')) as {
      position: number;
    };
    expect(await complaint(`rampart revert ${launched.position}`)).toContain('is an instance');
    expect(await complaint('rampart revert 999999')).toContain('no change of the account at position 999999');
    const [enrolled, opened] = await Promise.all(
      ['HostEnrolled', 'AccountOpened --account 444455556666'].map(
        async (action) =>
          (
            JSON.parse(await typed(`rampart audit --action ${action} --limit 1 --json`)) as {
              position: number;
            }
          ).position,
      ),
    );
    expect(await complaint(`rampart revert ${enrolled}`)).toMatch(
      /at position \d+ there is HostEnrolled \(host-1: .*which is no change of an account: it can't be undone/,
    );
    expect(await complaint(`rampart revert ${opened}`)).toContain('of account 444455556666: only a key of');
    expect(
      (await shell(`rampart revert ${enrolled}`, { ...installation.environment, ...stranger })).err,
    ).toContain(`no change of the account at position ${enrolled}`);
    expect(await complaint('rampart restore nobody --at 5')).toContain("there was no group 'nobody'");
  });
});

it('a host whose agent lives comes back, of which whoever retires it is warned', async () => {
  const ids = (await typed('ec2-describe-instances -F instance-state-name=running')).matchAll(
    /^INSTANCE\t(\S+)/gm,
  );
  for (const [, id] of ids) await typed(`ec2-terminate-instances ${id}`);
  const { status, out, err } = await shell('rampart retire host-1', installation.environment);
  expect({ status, out }).toMatchObject({
    status: 0,
    out: expect.stringMatching(/^RETIRED\thost-1\t/) as string,
  });
  expect(err).toContain('host-1 comes back unless it is stopped');
});

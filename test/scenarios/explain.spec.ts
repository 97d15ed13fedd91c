import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ec2Client, first, items } from '../support/ec2-client.js';
import { Installation } from '../support/installation.js';
import { askNative } from '../support/native-api.js';
import { shell } from '../support/shell.js';

/** What people do with history: ask why, what holds, and what changed. */

const secretAccessKey = 'a secret of many letters';
const OTHERS = ['222233334444', '444455556666'] as const;

let installation: Installation;
let ours: Environment;
let theirs: Environment;
type Environment = Readonly<Record<string, string>>;
const things: Record<'apache' | 'mysql' | 'stranger', { readonly id: string; readonly address: string }> = {
  apache: { id: '', address: '' },
  mysql: { id: '', address: '' },
  stranger: { id: '', address: '' },
};

beforeAll(async () => {
  const keys = OTHERS.map((accountId) => ({
    accountId,
    accessKeyId: `AKIDOFACCT${accountId}`,
    secretAccessKey,
  }));
  installation = await Installation.start(1, {}, keys);
  const signing = ({ accessKeyId }: { readonly accessKeyId: string } = { accessKeyId: '' }): Environment => ({
    ...installation.environment,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  });
  [ours, theirs] = [signing(keys[0]), signing(keys[1])];
  await ec2(ours, 'CreateSecurityGroup', { GroupName: 'Apache', GroupDescription: 'x' });
  await ec2(ours, 'CreateSecurityGroup', { GroupName: 'MySQL', GroupDescription: 'x' });
  await ec2(ours, 'AuthorizeSecurityGroupIngress', {
    GroupName: 'MySQL',
    'IpPermissions.1.IpProtocol': 'tcp',
    'IpPermissions.1.FromPort': '3306',
    'IpPermissions.1.ToPort': '3306',
    'IpPermissions.1.Groups.1.GroupName': 'Apache',
  });
  things.apache = await launch(ours, 'Apache');
  things.mysql = await launch(ours, 'MySQL');
  things.stranger = await launch(theirs, 'default');
});
afterAll(() => installation[Symbol.asyncDispose]());

async function ec2(environment: Environment, action: string, parameters: Record<string, string> = {}) {
  const answer = await new Ec2Client(environment).ask(action, parameters);
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.content;
}

async function launch(environment: Environment, group: string) {
  const wanted = { ImageId: 'ami-1', MinCount: '1', MaxCount: '1', 'SecurityGroup.1': group };
  const instance = first(items((await ec2(environment, 'RunInstances', wanted)).instancesSet));
  return { id: instance.instanceId as string, address: instance.privateIpAddress as string };
}

const ask = async (path: string, environment: Environment = ours) => {
  const { status, body } = await askNative(environment, path);
  return { status, body: body as never };
};
const positionNow = async (): Promise<number> =>
  ((await ask('/v1/health')).body as { position: number }).position;

describe('explain', () => {
  it('says by which rules of which groups a packet gets there, and by whose request these are there', async () => {
    const { apache, mysql } = things;
    const actor = { kind: 'account', accountId: OTHERS[0], accessKeyId: ours['AWS_ACCESS_KEY_ID'] };
    expect(await ask(`/v1/explain?from=${apache.id}&to=${mysql.id}&protocol=tcp&port=3306`)).toMatchObject({
      status: 200,
      body: {
        allowed: true,
        source: { instanceId: apache.id, address: apache.address, groups: [{ name: 'Apache' }] },
        destination: { instanceId: mysql.id, groups: [{ name: 'MySQL' }], since: { actor } },
        protocol: 'tcp',
        port: 3306,
        egress: { verdict: 'allowed', by: [{ protocol: 'all', peer: { cidr: '0.0.0.0/0' } }] },
        ingress: {
          verdict: 'allowed',
          by: [
            { from: 3306, to: 3306, group: { name: 'MySQL' }, peer: { name: 'Apache' }, since: { actor } },
          ],
        },
      },
    });
  });

  it('says what is missing, and the line that it says opens it', async () => {
    const { apache, mysql } = things;
    const question = `/v1/explain?from=${apache.address}&to=${mysql.address}&protocol=udp&port=53`;
    expect((await ask(question)).body).toMatchObject({
      allowed: false,
      ingress: {
        verdict: 'denied',
        groups: [{ name: 'MySQL' }],
        fix: 'ec2-authorize MySQL -P udp -p 53 -o Apache',
      },
    });
    expect((await ask(`/v1/explain?from=${apache.id}&to=${mysql.id}&port=3307`)).body).toMatchObject({
      ingress: { nearest: [{ differs: 'port', rule: { from: 3306 } }] },
    });
    expect((await ask(`/v1/explain?from=198.51.100.1&to=${mysql.id}&port=3306`)).body).toMatchObject({
      allowed: false,
      egress: { verdict: 'not asked' },
      ingress: {
        nearest: [{ differs: 'peer' }],
        fix: 'ec2-authorize MySQL -P tcp -p 3306 -s 198.51.100.1/32',
      },
    });
  });

  it('remembers what became of packets before a change', async () => {
    const { apache, mysql } = things;
    const before = await positionNow();
    const permission = {
      GroupName: 'MySQL',
      IpProtocol: 'tcp',
      FromPort: '22',
      ToPort: '22',
      CidrIp: '0.0.0.0/0',
    };
    await ec2(ours, 'AuthorizeSecurityGroupIngress', permission);
    const question = `/v1/explain?from=${apache.id}&to=${mysql.id}&port=22`;
    expect((await ask(question)).body).toMatchObject({ allowed: true });
    expect((await ask(`${question}&at=${before}`)).body).toMatchObject({ allowed: false, position: before });
    await ec2(ours, 'RevokeSecurityGroupIngress', permission);
    expect((await ask(question)).body).toMatchObject({ allowed: false });
    expect((await ask(`${question}&at=${before + 1}`)).body).toMatchObject({ allowed: true });
  });

  it('shows of another account’s instance its address and the verdict, and of two others nothing', async () => {
    const { apache, mysql, stranger } = things;
    const { body } = await ask(`/v1/explain?from=${apache.id}&to=${stranger.address}&port=80`);
    expect(body).toMatchObject({ allowed: false, egress: { verdict: 'allowed' } });
    expect(body['destination']).toEqual({ address: stranger.address });
    expect(body['ingress']).toEqual({ verdict: 'denied' });
    const hidden = { status: 404, body: { code: 'InstanceUnknown' } };
    expect(await ask(`/v1/explain?from=${apache.id}&to=${stranger.id}&port=80`)).toMatchObject(hidden);
    const between = `/v1/explain?from=${apache.address}&to=${mysql.address}&port=3306`;
    expect(await ask(between, theirs)).toMatchObject(hidden);
    expect(await ask(`${between}&account=${OTHERS[0]}`, theirs)).toMatchObject({ status: 403 });
    const { environment } = installation;
    expect((await ask(between, environment)).body).toMatchObject({ source: { instanceId: apache.id } });
    expect(await ask(`${between}&account=${OTHERS[1]}`, environment)).toMatchObject(hidden);
    expect(await ask('/v1/explain?from=1.1.1.1&to=8.8.8.8&port=80', environment)).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining("neither from '1.1.1.1' nor to '8.8.8.8'") as string },
    });
  });

  it.each([
    ['from=nonsense&to=10.0.0.1&port=1', 'from'],
    ['from=10.0.0.1&to=10.0.0.2', 'port'],
    ['from=10.0.0.1&to=10.0.0.2&port=70000', "port '70000': use 0 to 65535"],
    ['from=10.0.0.1&to=10.0.0.2&protocol=all', 'protocol'],
    ['from=10.0.0.1&to=10.0.0.2&protocol=icmp&port=1', 'port'],
    ['from=10.0.0.1&to=10.0.0.2&port=1&icmpType=8', 'icmpType'],
    ['from=10.0.0.1&to=::1&port=1', 'IPv4'],
    ['from=10.0.0.1&to=10.0.0.2&port=1&at=tomorrow', "at 'tomorrow' is no moment"],
    ['from=10.0.0.1&to=10.0.0.2&port=1&at=99999999', '99999999'],
  ])('refuses %s, and says why', async (query, named) => {
    const { status, body } = await ask(`/v1/explain?${query}`);
    expect({ status, detail: body['detail'] }).toEqual({
      status: 400,
      detail: expect.stringContaining(named) as string,
    });
  });
});

describe('the rules of an instance', () => {
  it('are those of its groups, with what their peers stand for', async () => {
    const { apache, mysql, stranger } = things;
    const { status, body } = await ask(`/v1/instances/${mysql.id}/rules`);
    expect({ status, body }).toMatchObject({ status: 200, body: { groups: [{ name: 'MySQL' }] } });
    expect(body['rules']).toMatchObject([
      {
        direction: 'ingress',
        from: 3306,
        group: { name: 'MySQL' },
        peer: {
          name: 'Apache',
          instances: 1,
          addresses: expect.arrayContaining([apache.address]) as string[],
        },
      },
      { direction: 'egress', peer: { cidr: '0.0.0.0/0' } },
      { direction: 'egress', peer: { cidr: '::/0' } },
    ]);
    const now = await positionNow();
    expect((await ask(`/v1/instances/${mysql.id}/rules?at=${now}`)).body).toEqual(body);
    expect((await ask(`/v1/instances/${stranger.id}/rules`)).status).toBe(404);
    expect((await ask(`/v1/instances/${mysql.id}/rules?at=1`)).status).toBe(404);
    expect((await ask('/v1/instances/nonsense/rules')).status).toBe(404);
  });
});

describe('diff', () => {
  it('says what was opened and closed, by rules and by instances, and by whose request', async () => {
    const before = await positionNow();
    const permission = {
      GroupName: 'Apache',
      IpProtocol: 'tcp',
      FromPort: '80',
      ToPort: '80',
      CidrIp: '0.0.0.0/0',
    };
    await ec2(ours, 'AuthorizeSecurityGroupIngress', permission);
    const second = await launch(ours, 'Apache');
    await ec2(ours, 'CreateTags', {
      'ResourceId.1': things.mysql.id,
      'Tag.1.Key': 'Name',
      'Tag.1.Value': 'mysql-1',
    });
    await launch(theirs, 'default');
    const middle = await positionNow();
    await ec2(ours, 'TerminateInstances', { 'InstanceId.1': second.id });
    await ec2(ours, 'RevokeSecurityGroupIngress', permission);
    const actor = { accountId: OTHERS[0] };
    const there = await ask(`/v1/diff?from=${before}&to=${middle}`);
    expect(there).toMatchObject({ status: 200, body: { from: { position: before }, total: 3 } });
    expect(there.body['changes']).toMatchObject([
      {
        kind: 'rule',
        effect: 'opened',
        rule: { from: 80, group: { name: 'Apache' } },
        by: { position: before + 1, actor },
      },
      {
        kind: 'instance',
        effect: 'launched',
        resourceId: second.id,
        groups: [{ name: 'Apache' }],
        through: { count: 1, rules: [{ from: 3306, group: { name: 'MySQL' } }] },
      },
      { kind: 'tag', key: 'Name', after: 'mysql-1', resourceId: things.mysql.id, by: { actor } },
    ]);
    const back = await ask(`/v1/diff?from=${middle}`);
    expect(back.body['changes']).toMatchObject([
      { kind: 'rule', effect: 'closed', by: { actor } },
      { kind: 'instance', effect: 'terminated', resourceId: second.id, by: { actor } },
    ]);
    expect((await ask(`/v1/diff?from=${before}`)).body).toMatchObject({ changes: [{ kind: 'tag' }] });
    const effectsOf = async (query: string) =>
      (
        (await ask(`/v1/diff?from=${before}&to=${middle}&${query}`)).body as { changes: { effect: string }[] }
      ).changes.map(({ effect }) => effect);
    expect(await effectsOf('group=MySQL')).toEqual(['launched', 'changed']);
    expect(await effectsOf(`instance=${things.apache.id}`)).toEqual(['opened']);
    expect(await effectsOf('limit=1')).toEqual(['opened']);
  });

  it.each([
    ['from=99999999', 400, "from '99999999' is yet to come"],
    ['from=1&to=soon', 400, "to 'soon' is no moment"],
    ['', 400, 'from is missing: use a position'],
    ['from=2&to=1', 400, "from '2' is after to '1'"],
    ['from=1h&to=2h', 400, "from '1h' is after to '2h'"],
    ['from=1&group=nonsense', 404, 'nonsense'],
    ['from=1&instance=i-12345678', 404, 'i-12345678'],
    ['from=1&group=MySQL&instance=i-12345678', 400, 'group, instance'],
    ['from=1&account=444455556666', 403, '444455556666'],
    ['from=1&limit=0', 400, "limit '0': use 1 to 10000"],
  ])('refuses %s', async (query, status, named) => {
    expect(await ask(`/v1/diff?${query}`)).toMatchObject({
      status,
      body: { detail: expect.stringContaining(named) as string },
    });
  });

  it('is shown to an operator of any account', async () => {
    const { environment } = installation;
    const path = (accountId: string) => `/v1/diff?from=0&account=${accountId}`;
    const { total } = (await ask(path(OTHERS[0]), environment)).body as { total: number };
    expect(total).toBe(((await ask('/v1/diff?from=0')).body as { total: number }).total);
  });
});

describe('on the command line', () => {
  const sh = (line: string) => shell(line, ours);

  it('explain says why in words, and ends with 0 for yes and 1 for no', async () => {
    const { apache, mysql } = things;
    const yes = await sh(`rampart explain --from ${apache.id} --to ${mysql.id} --port 3306`);
    expect(yes).toMatchObject({ status: 0, err: '' });
    expect(yes.out).toMatch(/^ALLOWED {2}tcp to port 3306/);
    expect(yes.out).toMatch(
      /in: allowed by MySQL: ingress tcp 3306 from Apache, which the sender wears\n +sgr-\w+ since event \d+, \S+Z, by 222233334444 with AKID\w+\n/,
    );
    const no = await sh(`rampart explain --from ${apache.id} --to ${mysql.id} --port 3307`);
    expect(no).toMatchObject({ status: 1, err: '' });
    expect(no.out).toMatch(
      /^NOT ALLOWED .*\n[^]*near, but another port: MySQL: ingress tcp 3306 from Apache\n/,
    );
    const [, line = ''] = /to allow it: (.*)\n/.exec(no.out) ?? [];
    expect((await sh(line)).status).toBe(0);
    expect((await sh(`rampart explain --from ${apache.id} --to ${mysql.id} --port 3307`)).status).toBe(0);
    const foreign = await sh(`rampart explain --from ${apache.id} --to ${things.stranger.address} --port 1`);
    expect(foreign.out).toMatch(/in: denied by another account\n/);
    const json = await sh(`rampart explain --from ${apache.id} --to 192.0.2.1 -P icmp --json`);
    expect(JSON.parse(json.out)).toMatchObject({ allowed: true, icmpType: 8, icmpCode: 0 });
  });

  it('effective lists what holds for an instance', async () => {
    expect((await sh(`rampart effective ${things.mysql.id}`)).out).toMatch(
      /^DIRECTION .*\ningress +tcp 3306 +from Apache +1 instance: 10\.0\.1\.\d+ fd00\S+ +MySQL +\d+ +sgr-/,
    );
    expect((await sh(`rampart effective ${things.mysql.id} --at 1`)).err).toMatch(/InstanceUnknown/);
  });

  it('diff says what was opened, and by whom', async () => {
    const before = await positionNow();
    await sh('ec2-authorize MySQL -p 25');
    const { out } = await sh(`rampart diff --from ${before} --group MySQL`);
    expect(out).toMatch(
      /^from .*\n\+ rule opened: MySQL: ingress tcp 25 from 0\.0\.0\.0\/0 \(sgr-\w+\)\n {4}by event \d+, \S+, by 222233334444 with \w+\n$/,
    );
    expect((await sh('rampart diff --from 3d')).out).toMatch(/^from the beginning to [0-9]+ \(/);
    expect((await sh(`rampart diff --from ${await positionNow()}`)).out).toMatch(/: nothing is otherwise\n$/);
  });

  it.each([
    'explain --from i-12345678 --port 80',
    'explain --from 10.0.0.1 --to 10.0.0.2 -t 8',
    'explain --from i-12345678 --to 10.0.0.2 --port 1',
    'effective',
    'diff',
    'diff --from yesterday',
  ])('%s: fails, and says why', async (args) => {
    const { status, out, err } = await sh(`rampart ${args}`);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/^(Client\.\w+|rampart)/);
  });
});

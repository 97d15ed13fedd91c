import { SignatureV4 } from '@smithy/signature-v4';
import { spawn } from 'node:child_process';
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = join(root, 'apps/cli/bin');
const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body: string;
}

type Bytes = string | ArrayBuffer | ArrayBufferView;
const bytesOf = (bytes: Bytes): Buffer =>
  typeof bytes === 'string'
    ? Buffer.from(bytes)
    : ArrayBuffer.isView(bytes)
      ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      : Buffer.from(bytes);

/** node:crypto as Amazon's signer takes it. */
class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: Bytes) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(part: Bytes): void {
    this.#hash.update(bytesOf(part));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset(): void {
    throw new Error('the signer makes a new one each time');
  }
}

/** What Amazon's own signer says of the headers that were signed. */
async function authorizationOf(question: Heard): Promise<string | undefined> {
  const [, region = '', service = '', names = ''] =
    /Credential=[^/]+\/[0-9]+\/([^/]+)\/([^/]+)\/.*SignedHeaders=([^,]+)/.exec(
      question.headers.authorization ?? '',
    ) ?? [];
  const headers = Object.fromEntries(
    names.split(';').map((name) => [name, String(question.headers[name])] as const),
  );
  const time = String(question.headers['x-amz-date']).replace(/(..)(..)T(..)(..)(..)Z/, '-$1-$2T$3:$4:$5Z');
  const signer = new SignatureV4({ credentials: key, region, service, sha256: Sha256, applyChecksum: false });
  const { method, path, body } = question;
  const signed = await signer.sign(
    { method, path, headers, body, protocol: 'http:', hostname: '127.0.0.1', query: {} },
    { signingDate: new Date(time) },
  );
  return signed.headers['authorization'];
}

const xml = (inside: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${inside}</Response>`;

/** The other end: keeps what it hears and replies as told. */
const heard: Heard[] = [];
let reply: Reply;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method = '', url: path = '', headers } = request;
    heard.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
    response.writeHead(reply.status ?? 200, reply.headers).end(reply.body);
  });
});

let directory: string;
let environment: Record<string, string>;

beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  directory = mkdtempSync(join(tmpdir(), 'rampart-cli-'));
  environment = {
    PATH: `${bin}:/usr/bin:/bin`,
    EC2_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_DEFAULT_REGION: 'rack-1',
  };
});
beforeEach(() => {
  heard.length = 0;
  reply = { body: xml('<return>true</return>') };
});
afterAll(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

interface Outcome {
  readonly status: number | NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** As from a shell whose PATH has the directory of launchers. */
function sh(line: string, more: Record<string, string> = {}): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const child = spawn('/bin/sh', ['-c', `exec ${line}`], { env: { ...environment, ...more } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.on('close', (code, signal) => resolve({ status: code ?? signal, out, err }));
  return promise;
}

const parametersHeard = (): Record<string, string> => Object.fromEntries(new URLSearchParams(heard[0]?.body));

describe('the classic verbs, as built', () => {
  it.each([
    ["ec2-create-group web -d 'Web servers'", 'CreateSecurityGroup', 'GROUP\t\tweb\tWeb servers\n'],
    ["ec2-add-group web -d 'Web servers'", 'CreateSecurityGroup', 'GROUP\t\tweb\tWeb servers\n'],
    ['ec2addgrp web -d x', 'CreateSecurityGroup', 'GROUP\t\tweb\tx\n'],
    ['ec2-delete-group web', 'DeleteSecurityGroup', 'RETURN\ttrue\n'],
    ['ec2delgrp web', 'DeleteSecurityGroup', 'RETURN\ttrue\n'],
    ['ec2-describe-group web', 'DescribeSecurityGroups', ''],
    ['ec2-describe-groups', 'DescribeSecurityGroups', ''],
    ['ec2dgrp -H', 'DescribeSecurityGroups', 'GROUP\tId\tOwner\tName\tDescription\tVpcID\n'],
    ['ec2din', 'DescribeInstances', ''],
    ['ec2-describe-instances i-1a2b3c4d', 'DescribeInstances', ''],
    ['ec2-run-instances ami-1', 'RunInstances', 'RESERVATION\t\t\t\n'],
    ['ec2run ami-1 --show-empty-fields', 'RunInstances', 'RESERVATION\t(nil)\t(nil)\t(nil)\n'],
    ['ec2-terminate-instances i-1a2b3c4d', 'TerminateInstances', ''],
    ['ec2kill i-1a2b3c4d', 'TerminateInstances', ''],
    ['rampart ec2-delete-group web', 'DeleteSecurityGroup', 'RETURN\ttrue\n'],
  ])('%s', async (line, action, out) => {
    expect(await sh(line)).toEqual({ status: 0, out, err: '' });
    expect(parametersHeard()).toMatchObject({ Action: action, Version: '2016-11-15' });
  });

  it.each(['ec2-authorize', 'ec2auth', 'ec2-revoke', 'ec2revoke'])('%s', async (name) => {
    const { status, out } = await sh(`${name} web -p 22`);
    expect(status).toBe(0);
    expect(out).toBe(
      'GROUP\t\t\tweb\t\t\nPERMISSION\t\tweb\tALLOWS\ttcp\t22\t22\tFROM\tCIDR\t0.0.0.0/0\tingress\n',
    );
  });

  it('sign what they ask, for the region and the service', async () => {
    await sh('ec2-authorize web -p 22 -s 2001:db8::/32 --wait');
    const [question] = heard;
    expect(question?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 .*\/rack-1\/ec2\/aws4_request/);
    expect(question?.headers.authorization).toBe(question && (await authorizationOf(question)));
  });

  it('take flags before the environment', async () => {
    await sh(
      `ec2-delete-group web -D -O AKIDOTHER -W secret --region rack-2 -U ${environment['EC2_URL'] ?? ''}/base/`,
      { EC2_URL: 'http://127.0.0.1:1' },
    );
    expect(heard[0]?.path).toBe('/base/');
    expect(heard[0]?.headers.authorization).toMatch(/Credential=AKIDOTHER\/[0-9]+\/rack-2\/ec2\//);
    expect(parametersHeard()).toMatchObject({ DryRun: 'true' });
  });

  it('show the exchange with -v, apart from the output and without the secret', async () => {
    const { out, err } = await sh('ec2-delete-group web -v');
    expect(out).toBe('RETURN\ttrue\n');
    expect(err).toContain('Action=DeleteSecurityGroup&GroupName=web');
    expect(err).toContain('<return>true</return>');
    expect(err).not.toContain(key.secretAccessKey);
  });

  it.each([
    [400, 'Client.InvalidGroup.NotFound: The security group <web> does not exist\n'],
    [503, 'Server.InvalidGroup.NotFound: The security group <web> does not exist\n'],
  ])('fail with the code and message of a %d', async (status, err) => {
    const message = 'The security group &lt;web&gt; does not exist';
    reply = {
      status,
      body: xml(
        `<Errors><Error><Code>InvalidGroup.NotFound</Code><Message>${message}</Message></Error></Errors>`,
      ),
    };
    expect(await sh('ec2-delete-group web')).toEqual({ status: 1, out: '', err });
  });

  it.each([
    [502, '<html><body>Bad gateway'],
    [200, 'welcome'],
    [200, '<?xml version="1.0"?><unfinished'],
  ])('fail when a %d is not EC2: %s', async (status, body) => {
    reply = { status, body };
    const { status: exit, err } = await sh('ec2-delete-group web');
    expect(exit).toBe(1);
    expect(err).toContain(`answered ${status} '${body}', which is not EC2: check EC2_URL`);
  });

  it('say which permissions were not there to revoke', async () => {
    const unknown =
      '<ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort><ipRanges><item><cidrIp>0.0.0.0/0</cidrIp></item></ipRanges>';
    reply = {
      body: xml(
        `<return>true</return><unknownIpPermissionSet><item>${unknown}</item></unknownIpPermissionSet>`,
      ),
    };
    expect(await sh('ec2-revoke web -p 22')).toEqual({
      status: 0,
      out: 'GROUP\t\t\tweb\t\t\n',
      err: 'ec2-revoke: the group has no such permission: tcp 22 22 FROM CIDR 0.0.0.0/0\n',
    });
  });
});

describe('--wait', () => {
  const receipt = (enforced: string): Reply => ({
    headers: {
      'x-rampart-position': '42',
      'x-rampart-enforced': enforced,
      'x-rampart-milliseconds': '3.1',
    },
    body: xml('<return>true</return>'),
  });

  it('ends with how fast every host had it', async () => {
    reply = receipt('2/2');
    expect(await sh('ec2-delete-group --wait 2.5 web')).toEqual({
      status: 0,
      out: 'RETURN\ttrue\nENFORCED\t2/2\t3.1ms\n',
      err: '',
    });
    expect(heard[0]?.headers['x-rampart-wait']).toBe('2.5');
  });

  it('fails when a host lags, and names the change', async () => {
    reply = receipt('1/2');
    const { status, out, err } = await sh('ec2-delete-group --wait web');
    expect({ status, out }).toEqual({ status: 1, out: 'RETURN\ttrue\nENFORCED\t1/2\t3.1ms\n' });
    expect(err).toContain('not enforced everywhere within 10 s: 1/2 hosts have change 42');
  });

  it('is not asked for unless given', async () => {
    await sh('ec2-delete-group web');
    expect(heard[0]?.headers).not.toHaveProperty('x-rampart-wait');
  });
});

describe('rampart', () => {
  const hosts = [
    {
      hostId: 'rack1',
      ranges: ['10.0.1.0/24'],
      instances: 3,
      enrolledAt: '2026-11-01T00:00:00Z',
      state: 'enforced',
    },
  ];

  it('hosts: asks the native API, signed for it', async () => {
    reply = { body: JSON.stringify({ hosts }) };
    const { status, out } = await sh('rampart hosts');
    expect(status).toBe(0);
    expect(out.split('\n')[1]).toBe('rack1  enforced  3          10.0.1.0/24  2026-11-01T00:00:00Z  none');
    const [question] = heard;
    expect(question).toMatchObject({ method: 'GET', path: '/v1/hosts' });
    expect(question?.headers.authorization).toMatch(/\/rack-1\/rampart\/aws4_request/);
    expect(question?.headers.authorization).toBe(question && (await authorizationOf(question)));
  });

  it('hosts --json: passes on what it got', async () => {
    reply = { body: JSON.stringify({ hosts }) };
    expect(JSON.parse((await sh('rampart hosts --json')).out)).toEqual({ hosts });
  });

  it.each<[Reply, string]>([
    [{ status: 403, body: '{"code":"AuthFailure","message":"who?"}' }, 'Client.AuthFailure: who?\n'],
    [{ status: 200, body: '[]' }, "answered 200 '[]', which is not Rampart: check EC2_URL\n"],
  ])('hosts: fails on %j', async (given, complaint) => {
    reply = given;
    const { status, err } = await sh('rampart hosts');
    expect(status).toBe(1);
    expect(err).toContain(complaint);
  });

  it('lab: becomes the lab, with its arguments, its exit status and its signals', async () => {
    const program = join(directory, 'lab.mjs');
    writeFileSync(
      program,
      "console.log(process.argv.slice(2).join(' '));\nif (process.argv[2] === 'die') process.kill(process.pid, 'SIGTERM');\nelse process.exit(7);\n",
    );
    const become = join(directory, 'become.mjs');
    const source = join(root, 'dist/apps/cli/src/rampart/lab.js');
    writeFileSync(
      become,
      `const { becomeLab } = await import(${JSON.stringify(source)});\nbecomeLab(process.argv.slice(2), ${JSON.stringify(program)});\n`,
    );
    const node = join(root, 'node_modules/.bin/node');
    expect(await sh(`${node} ${become} up --hosts 3`)).toEqual({ status: 7, out: 'up --hosts 3\n', err: '' });
    expect(await sh(`${node} ${become} die`)).toEqual({ status: 'SIGTERM', out: 'die\n', err: '' });
  });

  it('tells its version and its verbs', async () => {
    expect((await sh('rampart --version')).out).toMatch(/^[0-9]+\.[0-9]+\.[0-9]+\n$/);
    expect((await sh('rampart --help')).out).toContain('  ec2-authorize, ec2auth\n');
  });

  it('refuses what it does not know', async () => {
    expect(await sh('rampart nope')).toEqual({
      status: 1,
      out: '',
      err: "rampart: unknown command 'nope'; see rampart --help\n",
    });
  });
});

describe('the launchers', () => {
  it('are found through links of links, absolute and relative', async () => {
    mkdirSync(join(directory, 'links'));
    symlinkSync(join(bin, 'ec2-delete-group'), join(directory, 'links/ec2delgrp'));
    symlinkSync('links/ec2delgrp', join(directory, 'ec2-delete-group'));
    expect((await sh(`${directory}/ec2-delete-group web`)).out).toBe('RETURN\ttrue\n');
    expect((await sh(`env -C ${directory} ./ec2-delete-group web`)).out).toBe('RETURN\ttrue\n');
  });

  it('say what to do where nothing is built', async () => {
    const copy = join(directory, 'copy/apps/cli/bin');
    mkdirSync(copy, { recursive: true });
    await sh(`cp ${join(bin, 'rampart')} ${copy}/ec2auth`);
    expect(await sh(`${copy}/ec2auth web -p 80`)).toEqual({
      status: 1,
      out: '',
      err: `ec2auth: not built yet: run 'npm ci && npm run build' in ${join(directory, 'copy')}\n`,
    });
  });
});

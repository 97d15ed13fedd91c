import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandSubject } from '#libs/protocol';
import { accountId, NatsServer } from '../support/cell.js';
import { freePort, Program } from '../support/programs.js';
import { Namespace, noKernel } from './support/namespace.js';

interface Answer {
  readonly accepted: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly receipt?: { readonly concerned: number; readonly enforced: number };
}

describe.skipIf(noKernel)(`control plane and agent as processes${noKernel ? ` (${noKernel})` : ''}`, () => {
  if (noKernel) return;
  const folder = mkdtempSync(join(tmpdir(), 'rampart-processes-'));
  let nats: NatsServer;
  let connection: NatsConnection;
  let host: Namespace;
  let port: number;
  let controlPlane: Program;
  let agent: Program;

  const ask = async (body: object | string): Promise<Answer> => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return (await connection.request(commandSubject(accountId), text, { timeout: 15_000 })).json<Answer>();
  };
  const rules = (port80: number) => ({
    group: 'web',
    rules: [{ protocol: 'tcp', from: port80, to: port80, cidr: '192.0.2.0/24' }],
  });
  const kernel = (): string => host.run('nft', 'list', 'table', 'inet', 'rampart');

  beforeAll(async () => {
    nats = await NatsServer.start();
    connection = await nats.connect();
    host = new Namespace('process-host');
    port = await freePort();
    controlPlane = await Program.controlPlane({
      RAMPART_LISTEN: `127.0.0.1:${port}`,
      RAMPART_NATS_URL: nats.url,
      RAMPART_LOG: `sqlite:${folder}/log.db`,
      RAMPART_ACCOUNTS: accountId,
    });
    agent = await Program.hostAgent({
      RAMPART_HOST_ID: 'host-1',
      RAMPART_HOST_RANGES: '10.0.1.0/24,fd00:0:0:1::/64',
      RAMPART_NATS_URL: nats.url,
      RAMPART_STATE: `${folder}/state`,
      RAMPART_NETNS: host.path,
    });
  });

  afterAll(async () => {
    await agent.end();
    await controlPlane.end();
    await connection.close();
    await nats[Symbol.asyncDispose]();
    host[Symbol.dispose]();
  });

  it('take plain JSON over NATS, and have it in the kernel when they say so', async () => {
    expect(await ask({ type: 'CreateGroup', name: 'web', description: 'web' })).toMatchObject({
      accepted: true,
    });
    const launched = await ask({ type: 'LaunchInstances', groups: ['web'], wait: 10 });
    expect(launched).toMatchObject({ accepted: true, receipt: { concerned: 1, enforced: 1 } });
    expect(await ask({ type: 'AuthorizeRules', ...rules(80), wait: 10 })).toMatchObject({
      receipt: { enforced: 1 },
    });
    expect(kernel()).toMatch(/ingress_ip_24_port_16 \{[^}]*192\.0\.2\.0 \. tcp \. 80 /);
    expect(await ask({ type: 'RevokeRules', ...rules(80), wait: 10 })).toMatchObject({
      receipt: { enforced: 1 },
    });
    expect(kernel()).not.toContain('192.0.2.0');
  });

  it.each<[string, object | string, string]>([
    ['no JSON', 'hello', 'CommandMalformed'],
    ['an unknown command', { type: 'OpenSesame' }, 'CommandMalformed'],
    [
      'a malformed block',
      { type: 'AuthorizeRules', group: 'web', rules: [{ protocol: 'tcp', cidr: '1.2.3' }] },
      'CommandMalformed',
    ],
    ['a group that is not there', { type: 'DeleteGroup', group: 'nothing' }, 'GroupUnknown'],
    ['a name that is taken', { type: 'CreateGroup', name: 'Web', description: 'again' }, 'GroupNameTaken'],
  ])('refuse %s, and say why', async (_what, body, code) => {
    expect(await ask(body)).toMatchObject({ accepted: false, code });
  });

  it('agree again after either was killed, and rules outlive the agent', async () => {
    await ask({ type: 'AuthorizeRules', ...rules(81), wait: 10 });
    await agent.end();
    expect(kernel()).toContain('tcp . 81');
    await ask({ type: 'RevokeRules', ...rules(81) });
    await ask({ type: 'AuthorizeRules', ...rules(82) });
    await controlPlane.end();
    await controlPlane.start();
    await agent.start();
    expect(kernel()).not.toContain('tcp . 81');
    expect(kernel()).toContain('tcp . 82');
    const health = (await (await fetch(`http://127.0.0.1:${port}/v1/health`)).json()) as { status: string };
    expect(health.status).toBe('ok');
  });

  it('end at once and cleanly when they are told to', async () => {
    expect(await agent.end('SIGTERM')).not.toBe(1);
    expect(await controlPlane.end('SIGTERM')).not.toBe(1);
    expect(kernel()).toContain('tcp . 82');
  });

  it('say which setting is wrong, and how to mend it', async () => {
    const child = spawn(process.execPath, ['dist/apps/control-plane/src/main.js'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'], RAMPART_LOG: 'tape', RAMPART_ACCOUNTS: '12' },
    });
    let text = '';
    child.stderr.on('data', (data: Buffer) => (text += data.toString()));
    expect((await once(child, 'exit'))[0]).toBe(1);
    expect(text).toContain("RAMPART_LOG='tape': use 'memory', 'sqlite:' and a file, or");
    expect(text).toContain("'12' is no account id: use 12 digits");
  });
});

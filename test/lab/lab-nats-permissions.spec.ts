import { spawn, type ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import {
  commandSubject,
  driftSubject,
  hostSubject,
  RECEIPT_SUBJECT,
  reportSubject,
  rulesSubject,
  syncSubject,
} from '#libs/protocol';
import { freePort } from '../support/programs.js';

const account = '111122223333' as never;
const group = 'sg-00000001' as never;
const [host1, host2] = ['host-1' as never, 'host-2' as never];

/** As in deploy/nats-server.env.example; a number in quotes, which nats-server would otherwise read as one. */
const PASSWORD = '12e34';
const USERS = ['CONTROL_PLANE', 'HOST_1', 'HOST_2', 'DEPLOYER', 'WATCHER'];

describe('the nats-server configuration in deploy/', () => {
  let server: ChildProcess;
  let url: string;
  const open: NatsConnection[] = [];

  beforeAll(async () => {
    const port = await freePort();
    url = `nats://127.0.0.1:${port}`;
    const passwords = Object.fromEntries(USERS.map((user) => [`${user}_PASSWORD`, `"${PASSWORD}"`]));
    const path = `${process.env['PATH']}:/usr/sbin`;
    const listen = ['--addr', '127.0.0.1', '--port', String(port)];
    server = spawn('nats-server', ['--config', 'deploy/nats-server.conf', ...listen], {
      stdio: 'ignore',
      env: { ...process.env, ...passwords, PATH: path },
    });
  });

  afterAll(async () => {
    await Promise.all(open.map((connection) => connection.close()));
    server.kill('SIGKILL');
  });

  const as = async (user: string, pass = PASSWORD): Promise<NatsConnection> => {
    const connection = await connect({
      servers: url,
      user,
      pass,
      inboxPrefix: `_INBOX_${user}`,
      waitOnFirstConnect: pass === PASSWORD,
      reconnect: pass === PASSWORD,
      reconnectTimeWait: 20,
    });
    open.push(connection);
    return connection;
  };

  /** Whether what one publishes there reaches the other; NATS refuses each side on its own. */
  const passes = async (from: string, to: string, subject: string): Promise<boolean> => {
    const [sender, receiver] = await Promise.all([as(from), as(to)]);
    let heard = false;
    receiver.subscribe(subject, { callback: (error) => void (heard ||= !error) });
    await receiver.flush();
    sender.publish(subject, '{}');
    await sender.flush();
    await receiver.flush();
    return heard;
  };

  it.each<[from: string, to: string, subject: string, passes: boolean]>([
    ['control-plane', 'host-1', hostSubject(host1), true],
    ['control-plane', 'host-2', hostSubject(host1), false],
    ['control-plane', 'host-2', rulesSubject(group), true],
    ['host-1', 'control-plane', reportSubject(host1), true],
    ['host-1', 'control-plane', reportSubject(host2), false],
    ['host-1', 'control-plane', driftSubject(host1), true],
    ['host-1', 'control-plane', driftSubject(host2), false],
    ['host-1', 'host-2', rulesSubject(group), false],
    ['host-1', 'control-plane', commandSubject(account), false],
    ['deployer', 'control-plane', commandSubject(account), true],
    ['deployer', 'control-plane', commandSubject('444455556666' as never), false],
    ['deployer', 'host-1', rulesSubject(group), false],
    ['control-plane', 'watcher', RECEIPT_SUBJECT, true],
    ['host-1', 'watcher', RECEIPT_SUBJECT, false],
    ['control-plane', 'watcher', rulesSubject(group), false],
  ])('%s to %s on %s: %s', async (from, to, subject, expected) => {
    expect(await passes(from, to, subject)).toBe(expected);
  });

  it('lets the control plane answer whoever asked, and nobody else overhear it', async () => {
    const [plane, host, other] = await Promise.all([as('control-plane'), as('host-1'), as('host-2')]);
    plane.subscribe(syncSubject('*' as never), {
      callback: (_error, message) => void message.respond('all'),
    });
    let overheard = false;
    for (const subject of ['_INBOX_host-1.>', '_INBOX.>', '>'])
      other.subscribe(subject, { callback: (error) => void (overheard ||= !error) });
    await Promise.all([plane.flush(), other.flush()]);
    expect((await host.request(syncSubject(host1), '{}', { timeout: 2_000 })).string()).toBe('all');
    await other.flush();
    expect(overheard).toBe(false);
  });

  it('lets nobody in without the password', async () => {
    await expect(as('host-1', 'wrong')).rejects.toThrow(/authorization/i);
  });
});

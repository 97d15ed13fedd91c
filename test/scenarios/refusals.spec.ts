import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commandSubject } from '#libs/protocol';
import { RefusalLog } from '../../apps/control-plane/src/refusals/refusal-log.js';
import { accountId, NatsServer } from '../support/cell.js';
import { askNative, sendJson } from '../support/native-api.js';
import { freePort, Program } from '../support/programs.js';
import { shell, type Outcome } from '../support/shell.js';

// Whoever asks for what is refused, by whichever way, is noted; whoever is not refused, or only looks, is not.

const folder = mkdtempSync(join(tmpdir(), 'rampart-refusals-'));
const file = join(folder, 'refusals.jsonl');
const OPERATOR = { AWS_ACCESS_KEY_ID: 'AKIDOPERATOR1234', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG' };
const OTHER = { AWS_ACCESS_KEY_ID: 'AKIDSOMEBODY1234', AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG' };
const resources = new AsyncDisposableStack();
let EC2_URL = '';
let natsUrl = '';
const sh = (line: string, key = OPERATOR): Promise<Outcome> =>
  shell(`cd ${folder}; ${line}`, { EC2_URL, ...key });

const settings = (): Record<string, string> => ({
  RAMPART_LISTEN: EC2_URL.slice('http://'.length),
  RAMPART_NATS_URL: natsUrl,
  RAMPART_LOG: `sqlite:${join(folder, 'log.db')}`,
  RAMPART_ACCESS_KEYS: join(folder, 'keys.json'),
  RAMPART_REFUSALS_FILE: file,
});

async function refusals(key = OPERATOR, query = ''): Promise<readonly object[]> {
  const { body } = await askNative({ EC2_URL, ...key }, `/v1/refusals${query}`);
  return (body as { refusals: readonly object[] }).refusals;
}

async function end(): Promise<number> {
  const { body } = await askNative({ EC2_URL, ...OPERATOR }, '/v1/health');
  return (body as { position: number }).position;
}

beforeAll(async () => {
  const keys = [
    { accountId, operator: true, key: OPERATOR },
    { accountId: '444455556666', key: OTHER },
  ].map(({ key, ...rest }) => ({
    ...rest,
    accessKeyId: key.AWS_ACCESS_KEY_ID,
    secretAccessKey: key.AWS_SECRET_ACCESS_KEY,
  }));
  writeFileSync(join(folder, 'keys.json'), JSON.stringify(keys));
  const nats = resources.use(await NatsServer.start());
  natsUrl = nats.url;
  EC2_URL = `http://127.0.0.1:${await freePort()}`;
});
afterAll(async () => {
  await resources.disposeAsync();
  rmSync(folder, { recursive: true });
});

it('what is refused is noted with who asked, from where, and why', async () => {
  const controlPlane = await Program.controlPlane(settings());
  await sh('ec2-create-group web -d web');
  await sh('ec2-authorize web -p 80');
  await sh('ec2-authorize web -p 80');
  await sh('ec2-authorize web -p 80 -D');
  await sh('ec2-describe-group nothing');
  await sh('ec2-delete-group web', { ...OTHER, AWS_SECRET_ACCESS_KEY: 'not the secret at all' });
  await sh('ec2-describe-group', { ...OTHER, AWS_SECRET_ACCESS_KEY: 'not the secret at all' });
  await sh('rampart retire host-1', OTHER);
  writeFileSync(join(folder, 'set.json'), '[{"type": "DeleteGroup", "group": "nothing"}]');
  await sh('rampart apply set.json');
  await sh('rampart apply set.json --dry-run');
  const looks = { dryRun: true };
  await sendJson({ EC2_URL, ...OPERATOR }, '/v1/reversions', { position: 1, ...looks });
  await sendJson({ EC2_URL, ...OPERATOR }, '/v1/restorations', { group: 'web', at: 'x', ...looks });
  await sendJson({ EC2_URL, ...OPERATOR }, '/v1/restorations', {
    group: 'web',
    at: String(await end()),
    ...looks,
  });
  const connection = await connect({ servers: natsUrl });
  const command = JSON.stringify({ type: 'DeleteGroup', group: 'default' });
  await connection.request(commandSubject(accountId), command, { timeout: 5000 });
  await connection.request(commandSubject(accountId), '{"type": "Nonsense"}', { timeout: 5000 });
  await connection.request(commandSubject(accountId), '{"type": "Look", "dryRun": true}', { timeout: 5000 });
  await connection.close();

  const actor = { kind: 'account', accountId, accessKeyId: OPERATOR.AWS_ACCESS_KEY_ID };
  const from = '127.0.0.1';
  const expected = [
    { edge: 'nats', action: 'Nonsense', actor: { kind: 'account', accountId }, code: 'CommandMalformed' },
    { edge: 'nats', action: 'DeleteGroup', actor: { kind: 'account', accountId }, code: 'GroupIsDefault' },
    { edge: 'native', action: 'POST /v1/change-sets', actor, from, code: 'GroupUnknown' },
    {
      edge: 'native',
      action: 'DELETE /v1/hosts/host-1',
      actor: { accountId: '444455556666' },
      from,
      code: 'UnauthorizedOperation',
    },
    {
      edge: 'ec2',
      action: 'DeleteSecurityGroup',
      claimedKeyId: OTHER.AWS_ACCESS_KEY_ID,
      from,
      code: 'SignatureDoesNotMatch',
    },
    {
      edge: 'ec2',
      action: 'AuthorizeSecurityGroupIngress',
      actor: { ...actor, from },
      from,
      code: 'InvalidPermission.Duplicate',
      message: expect.stringContaining('already exists') as string,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    },
  ];
  expect(await refusals()).toMatchObject(expected);
  expect(await refusals(OPERATOR, '?limit=1')).toMatchObject(expected.slice(0, 1));
  expect(await refusals(OTHER)).toMatchObject([{ code: 'UnauthorizedOperation' }]);
  const { status, body } = await askNative(
    { EC2_URL, ...OPERATOR },
    '/v1/events?action=RuleAuthorized&limit=1',
  );
  expect({ status, body }).toMatchObject({ status: 200, body: { events: [{ actor: { from } }] } });

  await controlPlane.end('SIGTERM');
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject(expected.toReversed());
  resources.use(await Program.controlPlane(settings()));
  expect(await refusals()).toMatchObject(expected); // a new one knows them too
});

const noted = (n: number, message = 'no') =>
  ({ edge: 'nats', action: `action ${n}`, requestId: 'r', code: 'C', message }) as const;

it('the file is kept small: what is full makes room, and the newest is found again', async () => {
  const full = join(folder, 'full.jsonl');
  writeFileSync(full, `${'x'.repeat(10 * 1024 * 1024)}\n`);
  await using log = new RefusalLog(full, () => expect.unreachable());
  log.note(noted(1, 'y'.repeat(5000)));
  await log[Symbol.asyncDispose]();
  expect(existsSync(`${full}.1`)).toBe(true);
  const [found] = new RefusalLog(full, () => undefined).recent(10, () => true);
  expect(found).toMatchObject({ action: 'action 1', message: 'y'.repeat(1000) });
});

it('a file that can not be written stops nothing, and is complained of once', async () => {
  const complaints: string[] = [];
  await using log = new RefusalLog('/nowhere/refusals', (message) => complaints.push(message));
  for (const n of [1, 2, 3]) {
    log.note(noted(n));
    await log[Symbol.asyncDispose]();
  }
  expect(log.recent(2, () => true)).toMatchObject([{ action: 'action 3' }, { action: 'action 2' }]);
  expect(complaints).toEqual([expect.stringContaining("refusals can't be written to /nowhere/refusals")]);
});

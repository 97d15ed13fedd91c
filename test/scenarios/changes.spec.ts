import { afterAll, beforeAll, expect, it } from 'vitest';
import { Ec2Client } from '../support/ec2-client.js';
import { Installation } from '../support/installation.js';
import { askNative, sendNative } from '../support/native-api.js';

let installation: Installation;
const secretAccessKey = 'a secret of many letters';
const stranger = { AWS_ACCESS_KEY_ID: 'AKIDSTRANGER1234', AWS_SECRET_ACCESS_KEY: secretAccessKey };
beforeAll(async () => {
  const other = { accountId: '444455556666', accessKeyId: stranger.AWS_ACCESS_KEY_ID, secretAccessKey };
  installation = await Installation.start(1, {}, [other]);
});
afterAll(() => installation[Symbol.asyncDispose]());

const send = (path: string, method = 'GET', own: Record<string, string> = {}): Promise<Response> =>
  sendNative({ ...installation.environment, ...own }, path, method);
const ask = (path: string, method = 'GET', own: Record<string, string> = {}) =>
  askNative({ ...installation.environment, ...own }, path, method);

it('lists changes, the newest first, and tells of one host by host', async () => {
  const ec2 = new Ec2Client(installation.environment);
  await ec2.ask('RunInstances', { ImageId: 'ami-12345678', MinCount: '1', MaxCount: '1' });
  const { body } = await ask('/v1/changes?limit=1');
  const [{ position }] = (body as { changes: [{ position: number }] }).changes;
  expect(await ask(`/v1/changes/${position}?wait=10`)).toMatchObject({
    status: 200,
    body: { concerned: 1, enforced: 1, hosts: [{ hostId: 'host-1', state: 'enforced' }] },
  });
  expect(await ask('/v1/changes/999999')).toMatchObject({
    status: 404,
    type: expect.stringContaining('application/problem+json') as string,
    body: { code: 'ChangeUnknown', status: 404 },
  });
  expect(await ask('/v1/changes', 'GET', stranger)).toMatchObject({ status: 200, body: { changes: [] } });
  expect((await ask(`/v1/changes/${position}`, 'GET', stranger)).status).toBe(404);
  expect((await ask('/v1/changes?limit=many')).status).toBe(400);
  expect(await ask('/v1/nonsense')).toMatchObject({
    status: 404,
    body: { status: 404, code: 'NotFound', detail: expect.stringContaining('/v1/nonsense') as string },
  });
});

it('streams changes as they are made and settled, to whom they concern', async () => {
  const streams = await Promise.all([
    send('/v1/changes/stream'),
    send('/v1/changes/stream', 'GET', stranger),
  ]);
  const [mine, others] = streams.map(({ body }) => body?.pipeThrough(new TextDecoderStream()).getReader());
  const ec2 = new Ec2Client(installation.environment);
  const traffic = { IpProtocol: 'tcp', FromPort: '80', ToPort: '80', CidrIp: '0.0.0.0/0' };
  await ec2.ask('AuthorizeSecurityGroupIngress', { GroupName: 'default', ...traffic });
  let heard = '';
  while (!heard.includes('event: settled')) heard += (await mine?.read())?.value ?? '';
  expect(heard).toMatch(
    /event: opened\n[^]*"concerned":1,"enforced":0[^]*event: settled\n[^]*"concerned":1,"enforced":1/,
  );
  const secret = await Promise.race([others?.read(), ec2.ask('DescribeSecurityGroups')]);
  expect(JSON.stringify(secret)).not.toContain('settled');
  await Promise.all([mine?.cancel(), others?.cancel()]);
  expect(
    (await ask('/v1/changes/stream', 'GET', { AWS_SECRET_ACCESS_KEY: 'not the secret at all' })).status,
  ).toBe(403);
});

it('retires a host only for an operator, and only one without instances', async () => {
  expect(await ask('/v1/hosts/host-1', 'DELETE')).toMatchObject({ status: 409, body: { code: 'HostInUse' } });
  expect((await ask('/v1/hosts/host-1', 'DELETE', stranger)).status).toBe(403);
  expect(await ask('/v1/hosts/host-9', 'DELETE')).toMatchObject({
    status: 404,
    body: { code: 'HostUnknown' },
  });
  const ec2 = new Ec2Client(installation.environment);
  const { text } = await ec2.ask('DescribeInstances');
  const [, instanceId = ''] = /<instanceId>(.+?)</.exec(text) ?? [];
  await ec2.ask('TerminateInstances', { 'InstanceId.1': instanceId });
  expect((await ask('/v1/hosts/host-1', 'DELETE')).status).toBe(200);
  expect((await ask('/v1/hosts')).body).toEqual({ hosts: [] });
});

import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ControlPlaneModule } from '../../apps/control-plane/src/control-plane.module.js';
import { ROUTES } from '../../apps/control-plane/src/native/routes.js';
import { settingsFrom } from '../../apps/control-plane/src/settings.js';
import { NatsServer } from '../support/cell.js';
import { Ec2Client, first, items } from '../support/ec2-client.js';
import { Installation } from '../support/installation.js';
import { askNative } from '../support/native-api.js';

interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

let installation: Installation;
let document: Document;
beforeAll(async () => {
  const signingKey = join(mkdtempSync(join(tmpdir(), 'rampart-openapi-')), 'key.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(signingKey, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  installation = await Installation.start(1, { RAMPART_SIGNING_KEY: signingKey });
  const answer = await fetch(new URL('/v1/openapi.json', installation.environment['EC2_URL']));
  document = (await answer.json()) as Document;
});
afterAll(() => installation[Symbol.asyncDispose]());

it('is a valid OpenAPI 3.1 document, for anybody to read', async () => {
  const validator = new Validator();
  expect(await validator.validate({ ...document })).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/(.+?)"/g)].map(
    ([, path = '']) => path,
  );
  expect(references).not.toEqual([]);
  for (const path of references) expect(document).toHaveProperty(path.split('/'));
});

it('has each request that the control plane answers under /v1, and no other', async () => {
  const registered: string[] = [];
  await using nats = await NatsServer.start();
  const adapter = new FastifyAdapter();
  adapter.getInstance().addHook('onRoute', ({ method, url }) => {
    if (url.startsWith('/v1')) registered.push(`${String(method)} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
  });
  const settings = settingsFrom({ RAMPART_LOG: 'memory', RAMPART_NATS_URL: nats.url });
  const app = await NestFactory.create(ControlPlaneModule.with(settings), adapter, { logger: false });
  await app.init();
  await app.close();
  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.toSorted()).toEqual(registered.filter((one) => !one.startsWith('HEAD')).toSorted());
});

it('has each parameter that is understood: any other is refused', async () => {
  for (const { method, path } of ROUTES) {
    const url = `${path.replaceAll(/\{(\w+)\}/g, '1')}?frob=1`;
    const { status, body } = await askNative(installation.environment, url, method.toUpperCase());
    expect({ url, status, body }).toMatchObject({
      status: 400,
      body: {
        code: 'InvalidParameter',
        detail: expect.stringMatching(/^frob is not understood: /) as string,
      },
    });
  }
});

it('says all that is in the answers', async () => {
  const ec2 = new Ec2Client(installation.environment);
  const launched = await ec2.ask('RunInstances', { ImageId: 'ami-12345678', MinCount: '1', MaxCount: '1' });
  const instanceId = first(items(launched.content.instancesSet)).instanceId;
  const queries: Readonly<Record<string, string>> = {
    '/v1/explain': `?from=192.0.2.1&to=${instanceId}&port=80`,
    '/v1/diff': '?from=0',
  };
  const [{ position }] = (
    (await askNative(installation.environment, '/v1/changes?limit=1')).body as {
      changes: [{ position: number }];
    }
  ).changes;
  await askNative(installation.environment, `/v1/changes/${position}?wait=10`);
  for (const { method, path, answer, isStream } of ROUTES) {
    if (method !== 'get' || !answer || isStream) continue;
    const within = { host: 'host-1', position: String(position), instanceId };
    const asked = path.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof within) => within[name]);
    const url = asked + (queries[path] ?? '');
    const { status, body } = await askNative(installation.environment, url);
    expect({ url, status }).toEqual({ url, status: 200 });
    expect(answer.parse(body)).toEqual(body); // what a shape does not know, it leaves out
  }
});

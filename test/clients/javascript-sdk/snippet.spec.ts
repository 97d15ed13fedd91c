import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Installation } from '../../support/installation.js';
import { environmentOf, openEc2 } from '../support/clients.js';
import { Profile, snippet } from '../support/snippets.js';

let installation: Installation;
let environment: Readonly<Record<string, string>>;
beforeAll(async () => {
  installation = await Installation.start(1);
  environment = environmentOf(installation);
});
afterAll(async () => installation[Symbol.asyncDispose]());

const node = (code: string, env: Readonly<Record<string, string>>): string =>
  execFileSync(process.execPath, ['--input-type=module', '-e', code], { env, encoding: 'utf8' });

it('does what docs/clients.md says', async () => {
  const code = ['AWS SDK for JavaScript', 'Waiting for the hosts'].map((heading) =>
    snippet(heading, 'js', environment),
  );
  expect(node(code.join('\n'), environment)).toBe('1/1\n');
  const { Reservations } = await openEc2(installation).describeInstances();
  expect(Reservations).toMatchObject([
    { Instances: [1, 2].map(() => ({ SecurityGroups: [{ GroupName: 'Web' }] })) },
  ]);
});

const naming = `
  import { EC2 } from '@aws-sdk/client-ec2';
  const { SecurityGroups } = await new EC2().describeSecurityGroups();
  console.log(...SecurityGroups.map(({ GroupName }) => GroupName));
`;

it('finds endpoint, key and region in an environment as the page makes it', () => {
  const exports = snippet('What a client must be told', 'sh', environment);
  const script = `${exports}\nexec "$0" --input-type=module -e "$1"`;
  const env = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
  const printed = execFileSync('/bin/sh', ['-c', script, process.execPath, naming], {
    env,
    encoding: 'utf8',
  });
  expect(printed).toBe('default Web\n');
});

it('finds endpoint, key and region in a profile', () => {
  using profile = new Profile(environment);
  expect(node(naming, profile.environment)).toBe('default Web\n');
});

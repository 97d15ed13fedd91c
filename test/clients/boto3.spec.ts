import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Installation } from '../support/installation.js';
import { environmentOf, noBoto3, openEc2, PYTHON } from './support/clients.js';
import { snippet } from './support/snippets.js';

describe.skipIf(noBoto3)(`boto3${noBoto3 ? ` (${noBoto3})` : ''}`, () => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await Installation.start(2);
  });
  afterAll(async () => installation[Symbol.asyncDispose]());

  it.each(['test_groups_and_rules', 'test_instances'])('passes %s.py', (name) => {
    const { status, stderr } = spawnSync(PYTHON, ['-B', '-W', 'ignore', '-m', 'unittest', name], {
      cwd: 'test/clients/boto3',
      env: { ...environmentOf(installation), PYTHONUTF8: '1' },
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/Ran \d+ tests/);
  });

  it('does what docs/clients.md says', async () => {
    const env = environmentOf(installation);
    const code = [snippet('boto3', 'python', env), snippet('Waiting for the hosts', 'python', env)];
    const printed = execFileSync(PYTHON, ['-c', code.join('\n')], { env, encoding: 'utf8' });
    expect(printed).toMatch(/^(?:1\/1|2\/2)\n$/);
    const { Reservations } = await openEc2(installation).describeInstances({
      Filters: [{ Name: 'instance.group-name', Values: ['Web'] }],
    });
    const running = { State: { Name: 'running' } };
    expect(Reservations).toMatchObject([{ Instances: [running, running] }]);
  });
});
